using System.Diagnostics;
using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// Two connections and the session between them, on one loop: what the session may ask for. The other
/// files are what the loop tells it. Not pooled: a session may keep it and signal it after its end, and must not reach a stranger by that.
/// </summary>
internal sealed partial class EpollPair : WheelEntry, IPair
{
    private readonly EpollLoop _loop;
    private readonly IPairHandler _handler;
    private EpollLeg _client = new();
    private EpollLeg _relay = new();
    private PairTimers _timers = new();
    private DialTarget _dialling;
    private bool _dialWanted;
    private bool _queued;
    private bool _closed;

    internal EpollPair(EpollLoop loop, EpollListening door, IPairHandler handler, EndPoint client, EndPoint local)
    {
        Id = PairNumber.Next();
        _loop = loop;
        Door = door;
        _handler = handler;
        Client = client;
        Local = local;
    }

    /// <summary>Where it came in, and has to be signed out.</summary>
    internal EpollListening Door { get; }

    /// <summary>Where the loop keeps it.</summary>
    internal int Slot { get; set; }

    public long Id { get; }

    public EndPoint Client { get; }

    public EndPoint Local { get; }

    public long Now => _loop.Now;

    internal IPairHandler Handler => _handler;

    public long Clock() => Stopwatch.GetTimestamp();

    public void Dial(in DialTarget target)
    {
        AssertOnLoop();
        if (_closed)
        {
            return;
        }

        if (_relay.IsOpen || _dialWanted)
        {
            throw new InvalidOperationException("The relay leg is connected or being dialled.");
        }

        _dialling = target;
        _dialWanted = true;
        SetDeadline(PairTimers.Dial, target.Timeout);
        Enqueue();
    }

    public void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        AssertOnLoop();
        LegOf(to).Send(octets);
    }

    public int Unsent(Leg to) => LegOf(to).Unsent;

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
            GiveUpDial();
        }

        LegOf(leg).Reset();
    }

    public void Pause(Leg from)
    {
        AssertOnLoop();
        LegOf(from).State |= LegState.Paused;
    }

    public void Resume(Leg from)
    {
        AssertOnLoop();
        LegOf(from).State &= ~LegState.Paused;
    }

    public void SetTimer(PairTimer timer, TimeSpan after)
    {
        AssertOnLoop();
        SetDeadline((int)timer, after);
    }

    public void CancelTimer(PairTimer timer)
    {
        AssertOnLoop();
        _timers[(int)timer] = PairTimers.Never;
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

    internal ref EpollLeg LegOf(Leg leg) => ref (leg == Leg.Client ? ref _client : ref _relay);

    /// <summary>Puts a connected or connecting socket into a leg and into the loop's epoll set.</summary>
    /// <returns>0, or an <see cref="Errno"/>; then the socket is closed.</returns>
    internal int Register(ref EpollLeg leg, Leg which, int socket, LegState state)
    {
        uint generation = _loop.NextGeneration();
        leg.Attach(socket, generation, state);
        int errno = _loop.Watch(socket, generation, Slot, which);
        if (errno != 0)
        {
            leg.Close();
        }

        return errno;
    }

    private void GiveUpDial()
    {
        _dialWanted = false;
        _timers[PairTimers.Dial] = PairTimers.Never;
    }

    private void SetDeadline(int timer, TimeSpan after)
    {
        if (_closed || after < TimeSpan.Zero)
        {
            _timers[timer] = PairTimers.Never;
            return;
        }

        long ticks = (long)(after.Ticks * s_ticksPerTimeSpanTick);
        long deadline = ticks > PairTimers.Never - _loop.Now ? PairTimers.Never : _loop.Now + ticks;
        _timers[timer] = deadline;
        if (deadline < Deadline)
        {
            _loop.Wheel.Remove(this);
            _loop.Wheel.File(this, deadline);
        }
    }

    [Conditional("DEBUG")]
    private void AssertOnLoop() => Debug.Assert(_loop.IsCurrent, "A pair was used off its loop.");

    private static readonly double s_ticksPerTimeSpanTick = (double)Stopwatch.Frequency / TimeSpan.TicksPerSecond;
}
