using System.Diagnostics;
using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Legs;
using SmtpProxy.Transport.Epoll.Timers;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// Two connections and the session between them, on one loop: what the session may ask for, and what is known. <see cref="PairTurns"/>
/// tells the session what happens. Not pooled: a session may keep its pair and signal it after its end, and
/// must not reach a stranger by that.
/// </summary>
internal sealed class EpollPair : WheelEntry, IPair
{
    /// <summary>How the relay leg comes about.</summary>
    internal RelayDial RelayDial;

    /// <summary>When its timers run out.</summary>
    internal PairDeadlines Deadlines = new();

    /// <summary>What it has had of its loop.</summary>
    internal LoopShare Share;

    private readonly EpollLoop _loop;
    private EpollLeg _client = new();
    private EpollLeg _relay = new();

    internal EpollPair(EpollLoop loop, EpollListening listening, IPairHandler handler, EndPoint client, EndPoint local)
    {
        Id = PairNumber.Next();
        _loop = loop;
        Listening = listening;
        Handler = handler;
        Client = client;
        Local = local;
    }

    /// <summary>Through which it came, and which counts it until its end.</summary>
    internal EpollListening Listening { get; }

    /// <summary>Whom it tells what happens.</summary>
    internal IPairHandler Handler { get; private set; }

    /// <summary>Where the loop keeps it.</summary>
    internal int Slot { get; set; }

    /// <summary>It waits for its turn.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>The session has had its last call.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>Neither leg is open, and none will be.</summary>
    internal bool IsOver => !_client.IsOpen && !_relay.IsOpen && !RelayDial.IsWanted;

    public long Id { get; }

    public EndPoint Client { get; private set; }

    public EndPoint Local { get; private set; }

    public long Now => _loop.Now;

    public long Arrived => _loop.Time.Arrived;

    public long Clock() => Stopwatch.GetTimestamp();

    public void HandOver(IPairHandler next, in Arrival arrival, ReadOnlySpan<byte> unread)
    {
        AssertOnLoop();
        (Handler, Client, Local) = (next, arrival.Client, arrival.Local);
        _client.PutBack(unread);
        next.Accepted(this);
    }

    public void Dial(in DialTarget target)
    {
        AssertOnLoop();
        if (IsClosed)
        {
            return;
        }

        if (_relay.IsOpen || RelayDial.IsWanted)
        {
            throw new InvalidOperationException("The relay leg is connected or being dialled.");
        }

        RelayDial.Ask(target, _loop.Now);
        SetDeadline(PairDeadlines.Dial, target.Timeout);
        // Not before the client was looked at: one that has reset its connection already would cost the relay a connection for nothing.
        _loop.Queue.Enqueue(this);
    }

    public void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        AssertOnLoop();
        LegOf(to).Send(octets);
    }

    public int Unsent(Leg to) => LegOf(to).Unsent;

    public bool? IsConfirmed(Leg to) => LegOf(to).IsConfirmed();

    public void Shut(Leg leg)
    {
        AssertOnLoop();
        LegOf(leg).Shut();
    }

    public void Reset(Leg leg)
    {
        AssertOnLoop();
        if (leg == Leg.Relay)
        {
            ForgetDial();
        }

        LegOf(leg).Reset();
    }

    public void Close(Leg leg)
    {
        AssertOnLoop();
        ref EpollLeg closed = ref LegOf(leg);
        if (closed.Unsent > 0)
        {
            Reset(leg);
        }
        else
        {
            closed.Close();
        }
    }

    public void Pause(Leg from)
    {
        AssertOnLoop();
        ref EpollLeg leg = ref LegOf(from);
        leg.State = (leg.State | LegState.Paused) & ~LegState.Fresh;
    }

    public void Resume(Leg from)
    {
        AssertOnLoop();
        LegOf(from).State &= ~LegState.Paused;
    }

    public void SetTimer(PairTimer timer, TimeSpan after)
    {
        AssertOnLoop();
        if (!IsClosed)
        {
            SetDeadline((int)timer, after);
        }
    }

    public void CancelTimer(PairTimer timer)
    {
        AssertOnLoop();
        Deadlines.Cancel((int)timer);
    }

    public void Splice(Leg from, long octets)
    {
        AssertOnLoop();
        ref EpollLeg leg = ref LegOf(from);
        if (leg.IsConnected)
        {
            leg.SpliceLeft = Math.Max(octets, 0);
        }
    }

    public void Signal(int what) => _loop.Mailbox.Post(new LoopMessage(this, what, null));

    internal override void Expire() => _loop.Turns.Expire(this);

    internal ref EpollLeg LegOf(Leg leg) => ref (leg == Leg.Client ? ref _client : ref _relay);

    /// <summary>Puts a connected or connecting socket into a leg and into the loop's epoll set.</summary>
    /// <returns>0, or an <see cref="Errno"/>; then the socket is closed.</returns>
    internal int Attach(Leg which, int socket, LegState state)
    {
        ref EpollLeg leg = ref LegOf(which);
        uint generation = _loop.NextGeneration();
        leg.Attach(socket, generation, state);
        int errno = _loop.Watch(socket, generation, Slot, which);
        if (errno != 0)
        {
            leg.Close();
        }

        return errno;
    }

    /// <summary>The dial is over, or is not wanted any more.</summary>
    internal void ForgetDial()
    {
        RelayDial.GiveUp();
        Deadlines.Cancel(PairDeadlines.Dial);
    }

    /// <summary>RST to both peers.</summary>
    internal void Drop()
    {
        ForgetDial();
        _client.Reset();
        _relay.Reset();
    }

    private void SetDeadline(int timer, TimeSpan after)
    {
        long deadline = Deadlines.Set(timer, after, _loop.Now);
        if (deadline < Deadline)
        {
            _loop.Wheel.Remove(this);
            _loop.Wheel.File(this, deadline);
        }
    }

    [Conditional("DEBUG")]
    private void AssertOnLoop() => Debug.Assert(_loop.IsCurrent, "A pair was used off its loop.");
}
