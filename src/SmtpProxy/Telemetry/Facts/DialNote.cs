using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry.Facts;

/// <summary>A dial that is over, as a session hears of it: after TLS with the relay and the introduction, where they come first.</summary>
/// <param name="Result">What came of it.</param>
public readonly record struct DialNote(DialResult Result)
{
    /// <summary>What happened.</summary>
    public DialOutcome Outcome => Result.Outcome;

    /// <summary>No dial was made: a fault stands for one. It says nothing about the relay.</summary>
    public bool IsInjected { get; init; }

    /// <summary>Ticks between the connection and this note: TLS, and what is said before the session hears that it has a relay.</summary>
    public long KeptBack { get; init; }

    /// <summary>Ticks from the connection to the relay's greeting, where that came within <see cref="KeptBack"/>.</summary>
    public long GreetingTook { get; init; }
}
