using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport;

/// <summary>What came of <see cref="IPair.Dial"/>.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Local">Our end of the connection, when connected.</param>
/// <param name="Remote">The relay's end, when connected.</param>
/// <param name="Error">The system's words for what went wrong, otherwise null.</param>
public readonly record struct DialResult(DialOutcome Outcome, EndPoint? Local, EndPoint? Remote, string? Error)
{
    /// <summary>With <see cref="DialOutcome.NotDialled"/>: what this machine lacks.</summary>
    public Shortage Shortage { get; init; }

    /// <summary>No dial was made: a fault stands for one. It says nothing about the relay.</summary>
    public bool IsInjected { get; init; }

    /// <summary>Ticks for which the answer was kept back after the connection was there: for TLS, or what is said before the session hears of it.</summary>
    public long KeptBack { get; init; }

    /// <summary>Ticks from the connection to the relay's greeting, where that came in the time that was kept back.</summary>
    public long GreetingTook { get; init; }
}
