using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Live;

/// <summary>Which sessions somebody wants to see: all that is set must hold, and of several values of one kind any.</summary>
internal sealed record SightingFilter
{
    public IReadOnlyCollection<string> Listeners { get; init; } = [];
    public IReadOnlyCollection<string> Clusters { get; init; } = [];
    public IReadOnlyCollection<string> Relays { get; init; } = [];

    /// <summary>Ranges of codes, both ends included.</summary>
    public IReadOnlyCollection<(int From, int To)> Codes { get; init; } = [];
    public IReadOnlyCollection<string> Enhanced { get; init; } = [];
    public IReadOnlyCollection<string> Outcomes { get; init; } = [];
    public IReadOnlyCollection<Verdict> Verdicts { get; init; } = [];
    public IReadOnlyCollection<string> Diagnoses { get; init; } = [];
    public IReadOnlyCollection<Anomaly> Anomalies { get; init; } = [];
    public IReadOnlyCollection<IPNetwork> Clients { get; init; } = [];

    /// <summary>States or versions of TLS.</summary>
    public IReadOnlyCollection<string> Tls { get; init; } = [];
    public double? SlowerThanMs { get; init; }
    public bool? IsFaulted { get; init; }
    public bool? IsLive { get; init; }
    public bool HidesNoise { get; init; }

    /// <summary>Whether a session is wanted.</summary>
    public bool Lets(Sighting sighting)
    {
        var facts = sighting.Facts;
        return (IsLive is null || IsLive == sighting.IsLive)
            && (!HidesNoise || facts.Noise == Noise.None)
            && (IsFaulted is null || IsFaulted == facts.IsFaulted)
            && (SlowerThanMs is null || facts.SlowestMs > SlowerThanMs || facts.WaitingMs > SlowerThanMs)
            && Has(Listeners, facts.Listener) && Has(Clusters, facts.Cluster) && Has(Relays, facts.Destination)
            && Has(Outcomes, facts.Outcome) && Has(Diagnoses, facts.Diagnosis)
            && (Codes.Count == 0 || facts.Codes.Any(code => Codes.Any(range => code >= range.From && code <= range.To)))
            && (Enhanced.Count == 0 || facts.Enhanced.Any(code => Enhanced.Contains(code.ToString())))
            && (Verdicts.Count == 0 || Verdicts.Any(verdict => facts.Messages[(int)verdict] > 0))
            && (Anomalies.Count == 0 || facts.Anomalies.Any(Anomalies.Contains))
            && (Clients.Count == 0 || (facts.Client is { } client && Clients.Any(network => network.Contains(client))))
            && (Tls.Count == 0 || Tls.Contains(facts.Tls) || facts.TlsVersions.Any(Tls.Contains));
    }

    private static bool Has(IReadOnlyCollection<string> wanted, string? value) =>
        wanted.Count == 0 || (value is not null && wanted.Contains(value));
}
