using System.Globalization;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>The settings of a proxy that nobody's mail depends on: on loopback and free ports, with every fault allowed and every
/// session kept.</summary>
internal static class StandSettings
{
    private const string Listener = "inbound";
    private const string Cluster = "relays";

    /// <summary>Makes them.</summary>
    /// <param name="relays">The relays, by name.</param>
    /// <param name="seed">What draws are made from.</param>
    /// <param name="certificate">What STARTTLS is offered with; null: it is not.</param>
    /// <param name="more">Settings that win over these.</param>
    public static Overrides Create(IReadOnlyDictionary<string, string> relays, long seed, StandCertificate? certificate,
        IReadOnlyDictionary<string, string?> more)
    {
        const string own = Settings.Section;
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            [$"{Roots.Http}:Endpoints:Admin:Url"] = "http://127.0.0.1:0",
            [$"{own}:Listeners:{Listener}:Address"] = "127.0.0.1:0",
            [$"{own}:Listeners:{Listener}:Cluster"] = Cluster,
            // The sinks that play the relays are the stand's.
            [$"{own}:Sink:Enabled"] = "false",
            [$"{own}:Faults:Enabled"] = "true",
            [$"{own}:Faults:AllowedEnvironments"] = ConfigurationSetup.EnvironmentName,
            [$"{own}:Faults:AllowDuplicateRisk"] = "true",
            [$"{own}:Faults:AllowLossRisk"] = "true",
            [$"{own}:Faults:AllowSecurityProbes"] = "true",
            [$"{own}:Faults:Seed"] = seed.ToString(CultureInfo.InvariantCulture),
            [$"{own}:Faults:MaxTtl"] = "2.00:00:00",
            [$"{own}:Faults:MaxDelay"] = "1.00:00:00",
            [$"{own}:Faults:UpstreamHoldLimit"] = "1.00:00:00",
            // Whoever rehearses or tests says when to stop.
            [$"{own}:Faults:AutoHaltRatio"] = "1",
            [$"{own}:Live:MaxPerSecond"] = "100000",
            [$"{own}:Live:MaxSessions"] = "1000000",
            [$"{own}:Privacy:Addresses"] = "full",
            [$"{own}:Telemetry:ReadMessageId"] = "true",
            [$"{own}:Limits:Drain"] = "00:00:00",
            ["Logging:LogLevel:Default"] = "Error",
            [$"{Roots.Clusters}:{Cluster}:Metadata:Smtp.AskAtStart"] = "false",
        };
        if (certificate is not null)
        {
            values[$"{own}:Listeners:{Listener}:Tls:Mode"] = "StartTls";
            values[$"{own}:Listeners:{Listener}:Tls:Certificates:0:Certificate"] = certificate.Whole;
            values[$"{Roots.Clusters}:{Cluster}:Metadata:Smtp.Tls"] = "None";
        }

        foreach (var (name, address) in relays)
        {
            values[$"{Roots.Clusters}:{Cluster}:Destinations:{name}:Address"] = $"smtp://{address}";
        }

        foreach (var (key, value) in more)
        {
            values[key] = value;
        }

        return new Overrides([], values);
    }
}
