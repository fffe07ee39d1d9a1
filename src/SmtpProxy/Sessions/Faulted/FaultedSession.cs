using System.Diagnostics;
using SmtpProxy.Faults;
using SmtpProxy.Protocol;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What the parts of a session that may be faulted share: its rules, its facts, and, from the moment on that a
/// rule is armed, its gates.</summary>
internal sealed class FaultedSession
{
    private readonly SessionContext _context;
    private readonly long _began;

    public FaultedSession(SessionContext context, FaultWire wire, IFaultEngine engine, FaultFacts facts)
    {
        (_context, Wire, Facts, _began) = (context, wire, facts, context.Now);
        Faults = new ToldFaults(engine.Open(facts), context.Telemetry);
        if (Faults.MayAsk)
        {
            Faults.Decided = () => _context.Pair.Signal((int)SessionSignal.FaultsDecided);
        }

        if (Faults.IsArmed)
        {
            context.PartDialogues(joined: null);
            Gates = new FaultPipeline(context, wire, Faults, facts);
        }
    }

    /// <summary>The connections.</summary>
    public FaultWire Wire { get; }

    /// <summary>What is known.</summary>
    public FaultFacts Facts { get; }

    /// <summary>What strikes.</summary>
    public ISessionFaults Faults { get; }

    /// <summary>Both directions, element by element; null while no rule is armed.</summary>
    public FaultPipeline? Gates { get; private set; }

    /// <summary>The session's age.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_began, _context.Pair.Clock());

    /// <summary>Something happens: the facts are of this moment.</summary>
    public void Look() => Facts.Elapsed = Stopwatch.GetElapsedTime(_began, _context.Pair.Now);

    /// <summary>A rule was armed while the session was going on: it is looked at from here, where nothing is half said.</summary>
    public void Join(DialogueProtocol protocol)
    {
        Name();
        _context.PartDialogues(protocol);
        Gates = new FaultPipeline(_context, Wire, Faults, Facts);
    }

    /// <summary>The session's name and relay, as rules know them.</summary>
    public void Name() => (Facts.Session, Facts.Destination) = (_context.Telemetry.Id, _context.Telemetry.Destination);

    /// <summary>Asks what strikes at a point.</summary>
    /// <returns>Null: nothing.</returns>
    public Strike? Ask(FaultPoint point)
    {
        Facts.Elapsed = Age;
        var strike = Faults.OnCommand(point, Facts);
        if (strike?.Throttle is { } throttle)
        {
            Wire.Throttle(throttle);
        }

        return strike;
    }
}
