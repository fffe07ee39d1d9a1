using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>A pair without sockets, in virtual time. It refuses what a session must not do; <see cref="Simulation"/> decides
/// what happens next.</summary>
public sealed class SimulatedPair : IPair
{
    private const int MostRequests = 100_000;
    private static readonly TimeSpan _readingTheClock = TimeSpan.FromMicroseconds(1);
    private static long _lastId;
    private readonly VirtualTime _time;
    private readonly Func<SimulatedLeg, int> _window;
    private readonly Action<string> _log;
    private readonly Dictionary<PairTimer, long> _timers = [];
    private int _requests;

    internal SimulatedPair(IPairHandler handler, VirtualTime time, Func<SimulatedLeg, int> window, Action<string> log)
    {
        Handler = handler;
        _time = time;
        _window = window;
        _log = log;
        Now = time.Now;
    }

    /// <inheritdoc/>
    public long Id { get; } = Interlocked.Increment(ref _lastId);

    /// <inheritdoc/>
    public EndPoint Client { get; private set; } = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40_112);

    /// <inheritdoc/>
    public EndPoint Local { get; private set; } = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 25);

    /// <inheritdoc/>
    public long Now { get; internal set; }

    internal IPairHandler Handler { get; private set; }

    internal SimulatedLeg ClientLeg { get; } = new(Leg.Client);

    internal SimulatedLeg RelayLeg { get; } = new(Leg.Relay);

    internal DialScript Dials { get; } = new();

    internal (DialTarget Target, (DialOutcome Outcome, long At)? Answer)? Dialling { get; set; }

    internal Queue<int> Signals { get; } = new();

    internal bool IsCalling { get; private set; }

    internal bool IsClosed { get; set; }

    internal SimulatedLeg this[Leg leg] => leg == Leg.Client ? ClientLeg : RelayLeg;

    /// <inheritdoc/>
    public long Clock()
    {
        Count("Clock");
        _time.Pass(_readingTheClock);
        return _time.Now;
    }

    /// <inheritdoc/>
    public void HandOver(IPairHandler next, in Arrival arrival, ReadOnlySpan<byte> unread)
    {
        Guard($"HandOver {arrival.Client} {Transcript.Show(unread)}");
        Refuse(!ClientLeg.IsLive, "HandOver although the client is gone");
        Refuse(RelayLeg.IsLive || Dialling is not null, "HandOver although a relay is connected or being dialled");
        (Handler, Client, Local) = (next, arrival.Client, arrival.Local);
        ClientLeg.PutBack(unread);
        next.Accepted(this);
    }

    /// <inheritdoc/>
    public void Dial(in DialTarget target)
    {
        Guard($"Dial {target.Address}");
        Refuse(RelayLeg.IsLive, "Dial although the relay leg is live");
        Refuse(Dialling is not null, "Dial although a dial is under way");
        Dialling = (target, Dials.Answer(target, _time.Now));
    }

    /// <inheritdoc/>
    public void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        Guard($"Send {to} {Transcript.Show(octets)}");
        var leg = this[to];
        Refuse(!leg.WasLive, $"Send to the {to} before it is connected");
        Refuse(leg.IsShut, $"Send to the {to} after Shut");
        if (leg.IsLive && !octets.IsEmpty)
        {
            leg.Send(octets, _window(leg));
        }
    }

    /// <inheritdoc/>
    public int Unsent(Leg to)
    {
        Count("Unsent");
        return this[to].Unsent;
    }

    /// <inheritdoc/>
    public bool? IsConfirmed(Leg to) => this[to] switch
    {
        { IsLive: false } => true,
        { PendingEnd: Protocol.Connections.EndKind.Reset } => false,
        { Unsent: > 0 } => null,
        _ => ConfirmsLate ? null : true,
    };

    /// <summary>Whether the peers' kernels have not confirmed what they were sent.</summary>
    internal bool ConfirmsLate { get; set; }

    /// <inheritdoc/>
    public void Shut(Leg leg)
    {
        Guard($"Shut {leg}");
        if (this[leg] is { IsLive: true, IsShut: false } live)
        {
            live.Shut();
        }
    }

    /// <inheritdoc/>
    public void Reset(Leg leg)
    {
        Guard($"Reset {leg}");
        if (leg == Leg.Relay)
        {
            Dialling = null;
        }

        if (this[leg].IsLive)
        {
            this[leg].Kill(tellPeer: true);
        }
    }

    /// <inheritdoc/>
    public void Close(Leg leg)
    {
        if (this[leg] is { IsLive: true, Unsent: 0 } live)
        {
            Guard($"Close {leg}");
            live.Shut();
            live.Kill(tellPeer: false);
        }
        else
        {
            Reset(leg);
        }
    }

    /// <inheritdoc/>
    public void Pause(Leg from)
    {
        Guard($"Pause {from}");
        this[from].IsPaused = true;
    }

    /// <inheritdoc/>
    public void Resume(Leg from)
    {
        Guard($"Resume {from}");
        this[from].IsPaused = false;
    }

    /// <inheritdoc/>
    public void SetTimer(PairTimer timer, TimeSpan after)
    {
        Guard($"SetTimer {timer} {after}");
        Refuse(after < TimeSpan.Zero, $"SetTimer {timer} to {after}");
        _timers[timer] = _time.Now + VirtualTime.Ticks(after);
    }

    /// <inheritdoc/>
    public void CancelTimer(PairTimer timer)
    {
        Guard($"CancelTimer {timer}");
        _timers.Remove(timer);
    }

    /// <inheritdoc/>
    public void Splice(Leg from, long octets)
    {
        Guard($"Splice {from} {octets}");
        Refuse(octets < 0, $"Splice {octets} octets");
        this[from].Splice = octets;
    }

    /// <inheritdoc/>
    public void Secure(Leg leg, TlsShake shake, TimeSpan patience)
    {
        Guard($"Secure {leg}");
        Refuse(!this[leg].IsLive, $"Secure the {leg} that is not connected");
        Refuse(this[leg].IsShaking, $"Secure the {leg} twice");
        this[leg].Shake(_time.Now);
        _timers[HandshakeOf(leg)] = _time.Now + VirtualTime.Ticks(patience);
    }

    internal static PairTimer HandshakeOf(Leg leg) => leg == Leg.Client ? PairTimer.ClientHandshake : PairTimer.RelayHandshake;

    /// <inheritdoc/>
    public void Signal(int what)
    {
        Count("Signal");
        if (!IsClosed)
        {
            Signals.Enqueue(what);
        }
    }

    /// <summary>When a timer runs out; null when it is not set.</summary>
    public TimeSpan? Remaining(PairTimer timer) =>
        _timers.TryGetValue(timer, out var at) ? System.Diagnostics.Stopwatch.GetElapsedTime(_time.Now, at) : null;

    internal (PairTimer Timer, long At)? NextTimer() =>
        _timers.Count == 0 ? null : _timers.Select(t => (t.Key, t.Value)).MinBy(t => (t.Value, t.Key));

    /// <summary>Calls the handler.</summary>
    internal void Tell(Action call)
    {
        (Now, _requests, IsCalling) = (_time.Now, 0, true);
        call();
        IsCalling = false;
    }

    internal void Forget(PairTimer timer) => _timers.Remove(timer);

    internal static void Refuse(bool broken, string what)
    {
        if (broken)
        {
            throw new SimulationException(what);
        }
    }

    private void Guard(string what)
    {
        _log($"    {what}");
        Count(what);
        Refuse(IsClosed, $"{what} on a closed pair");
        Refuse(!IsCalling, $"{what} from outside a call of the handler");
    }

    /// <summary>Who asks without end inside one event never comes to the next, and would eat memory instead.</summary>
    private void Count(string what) => Refuse(++_requests > MostRequests, $"{what}: the handler asks without end inside one event");
}
