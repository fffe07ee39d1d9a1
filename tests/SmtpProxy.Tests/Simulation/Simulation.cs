using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>
/// Drives one <see cref="IPairHandler"/> through a session with two scripted peers, in virtual time and on one thread. The seed decides
/// whose event is next, how octets are cut, when windows open and what a reset overtakes; the same seed always gives the same
/// session. Without a seed nothing is cut and everything happens in the plainest order. Breaking the contract of
/// <see cref="IPair"/> and <see cref="IPairHandler"/> throws <see cref="SimulationException"/>.
/// </summary>
public sealed partial class Simulation
{
    private const int ReadSize = 64 * 1024;
    private const int InboxSize = 256 * 1024;
    private const int MaxSteps = 50_000;
    private readonly Random? _random;
    private readonly int? _seed;
    private readonly VirtualTime _time = new();
    private readonly Transcript _transcript;
    private readonly List<SimulatedPeer> _relays = [];
    private int _connected;
    private bool _accepted;

    /// <summary>A session in the plainest order: nothing is cut, windows are open, the client comes first.</summary>
    public Simulation(IPairHandler handler)
        : this(handler, null)
    {
    }

    /// <summary>A session in the order that the seed says.</summary>
    public Simulation(IPairHandler handler, int seed)
        : this(handler, (int?)seed)
    {
    }

    private Simulation(IPairHandler handler, int? seed)
    {
        _seed = seed;
        _random = seed is { } value ? new Random(value) : null;
        _transcript = new Transcript(_time);
        Pair = new SimulatedPair(handler, _time, TakenNow, _transcript.Add);
    }

    /// <summary>The peer that connected.</summary>
    public SimulatedPeer Client { get; } = new("client");

    /// <summary>The relay that the first dial to succeed reaches.</summary>
    public SimulatedPeer Relay => Relays(0);

    /// <summary>What comes of dials; they connect unless it says otherwise.</summary>
    public DialScript Dials => Pair.Dials;

    /// <summary>The transport's side of the session.</summary>
    public SimulatedPair Pair { get; }

    private IPairHandler Handler => Pair.Handler;

    /// <summary>Virtual time since the connection was accepted.</summary>
    public TimeSpan Elapsed => _time.Elapsed;

    /// <summary>Events so far.</summary>
    public int Steps { get; private set; }

    /// <summary>Whether <see cref="IPairHandler.Closed"/> has been called.</summary>
    public bool IsClosed => Pair.IsClosed;

    /// <summary>How many octets may be unsent to a leg when the handler adds those of another read: 0 asks for a
    /// handler that pauses at once.</summary>
    public int Slack { get; set; }

    /// <summary>The relay that the n-th (from 0) dial to succeed reaches, for fail-over.</summary>
    public SimulatedPeer Relays(int n)
    {
        while (_relays.Count <= n)
        {
            _relays.Add(new SimulatedPeer($"relay {_relays.Count}"));
        }

        return _relays[n];
    }

    /// <summary>The peer that a leg is, or was last, connected to.</summary>
    public SimulatedPeer Peer(Leg leg) => leg == Leg.Client ? Client : Relays(Math.Max(0, _connected - 1));

    /// <summary>Runs until the pair is closed or nothing is left but timers of the session.</summary>
    public Simulation Run()
    {
        while (Step())
        {
        }

        return this;
    }

    /// <summary>Lets virtual time pass: everything that happens in it happens, timers included.</summary>
    public Simulation Pass(TimeSpan span)
    {
        Run();
        var until = _time.Now + VirtualTime.Ticks(span);
        while (!IsClosed && Pair.NextTimer() is { } next && next.At <= until)
        {
            _time.PassTo(next.At);
            Run();
        }

        _time.PassTo(until);
        return this;
    }

    /// <summary>Runs until the pair is closed, however long the timers take; fails when nothing would ever close it.</summary>
    public Simulation RunToEnd()
    {
        Run();
        while (!IsClosed)
        {
            _time.PassTo((Pair.NextTimer() ?? throw Broken("the session never ends: no event and no timer is left", null)).At);
            Run();
        }

        return this;
    }

    /// <summary>One event. False when none is left but timers of the session in the future.</summary>
    public bool Step()
    {
        if (IsClosed || Next() is not { } next)
        {
            return false;
        }

        Steps++;
        try
        {
            SimulatedPair.Refuse(Steps > MaxSteps, "the session goes on for ever");
            _time.Pass(TimeSpan.FromMicroseconds(_random?.Next(1, 50) ?? 10));
            next();
            CloseIfOver();
        }
        catch (Exception failure)
        {
            throw Broken(failure is SimulationException ? failure.Message : failure.ToString(), failure);
        }

        return true;
    }

    /// <summary>The seed and what happened.</summary>
    public override string ToString() =>
        $"seed {_seed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}, {Steps} steps\n{_transcript}";

    private SimulationException Broken(string what, Exception? inner) => new($"{what}\n{this}", inner);

    /// <summary>Calls the handler and holds it, and the simulation itself, to the contract.</summary>
    private void Call(string what, Action call)
    {
        _transcript.Add(what);
        SimulatedPair.Refuse(Pair.IsClosed, $"{what} after Closed");
        SimulatedPair.Refuse(Pair.IsCalling, $"{what} inside a call of the handler");
        Pair.Tell(call);
    }

    private void CloseIfOver()
    {
        Pair.ClientLeg.CloseIfOver();
        Pair.RelayLeg.CloseIfOver();
        if (_accepted && !IsClosed && !Pair.ClientLeg.IsLive && !Pair.RelayLeg.IsLive && Pair.Dialling is null)
        {
            Call("Closed", Handler.Closed);
            Pair.IsClosed = true;
        }
    }

    /// <summary>How much of a send the kernel takes at once.</summary>
    private int TakenNow(SimulatedLeg leg) =>
        leg.Peer.Window ?? (_random is null || _random.Next(4) > 0 ? int.MaxValue : _random.Next(0, 40));
}
