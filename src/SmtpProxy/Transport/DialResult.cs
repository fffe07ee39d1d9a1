using System.Net;
using SmtpProxy.Protocol.Connections;

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
}
