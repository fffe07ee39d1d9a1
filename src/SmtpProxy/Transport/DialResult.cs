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

    /// <summary>Ticks from <see cref="IPair.Dial"/> until the dial began: the proxy's own.</summary>
    public long Waited { get; init; }

    /// <summary>Ticks for which the connection had been there when the transport noticed, as far as that is known.</summary>
    public long Late { get; init; }

    /// <summary>Whether the relay had to hear something from the transport first, and was kept waiting meanwhile.</summary>
    public bool RelayWaited { get; init; }
}
