using System.Globalization;
using System.Net;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;
using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>A proxy for one rehearsal, in this process, on loopback and free ports. No mail leaves it.</summary>
internal static class OwnProxy
{
    private const string Listener = "inbound";
    private const string Cluster = "relays";

    /// <summary>Starts it, calls, and puts it away.</summary>
    /// <param name="plan">The rehearsal.</param>
    /// <param name="build">Puts a proxy together.</param>
    /// <param name="rehearse">What is done with it: given its admin address, where clients connect, and a token for signals.</param>
    public static async Task RunAsync(RehearsalPlan plan, Func<ValidatedConfiguration, ProxyRun> build,
        Func<Uri, RehearsalPlace, CancellationToken, Task> rehearse)
    {
        using var certificate = plan.HasTls ? new StandCertificate() : null;
        var relays = new RelayStand();
        await using (relays.ConfigureAwait(false))
        {
            await relays.OpenAsync(plan.Relays).ConfigureAwait(false);
            using var configuration = ConfigurationSetup.Load(Settings(plan, relays, certificate));
            var run = build(configuration);
            await using (run.ConfigureAwait(false))
            {
                run.Announces = false;
                await run.RunAsync((listeners, urls, stopping) =>
                {
                    var address = (IPEndPoint)listeners[0].Address;
                    return rehearse(new Uri(urls.First()),
                        new RehearsalPlace(address.Address.ToString(), address.Port, certificate?.Public),
                        stopping);
                }).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The configuration. What files and the environment say of a proxy that serves has no say here.</summary>
    private static Overrides Settings(RehearsalPlan plan, RelayStand relays, StandCertificate? certificate)
    {
        const string own = Configuration.Schema.Settings.Section;
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            [$"{Roots.Http}:Endpoints:Admin:Url"] = "http://127.0.0.1:0",
            [$"{own}:Listeners:{Listener}:Address"] = "127.0.0.1:0",
            [$"{own}:Listeners:{Listener}:Cluster"] = Cluster,
            // The sinks that play the relays are the rehearsal's.
            [$"{own}:Sink:Enabled"] = "false",
            [$"{own}:Faults:Enabled"] = "true",
            [$"{own}:Faults:AllowedEnvironments"] = ConfigurationSetup.EnvironmentName,
            [$"{own}:Faults:AllowDuplicateRisk"] = "true",
            [$"{own}:Faults:AllowLossRisk"] = "true",
            [$"{own}:Faults:AllowSecurityProbes"] = "true",
            [$"{own}:Faults:Seed"] = plan.Seed.ToString(CultureInfo.InvariantCulture),
            [$"{own}:Faults:MaxTtl"] = "2.00:00:00",
            [$"{own}:Faults:MaxDelay"] = "1.00:00:00",
            [$"{own}:Faults:UpstreamHoldLimit"] = "1.00:00:00",
            // The file's own stop conditions decide.
            [$"{own}:Faults:AutoHaltRatio"] = "1",
            [$"{own}:Live:MaxPerSecond"] = "100000",
            [$"{own}:Live:MaxSessions"] = "1000000",
            [$"{own}:Privacy:Addresses"] = "full",
            [$"{own}:Telemetry:ReadMessageId"] = "true",
            [$"{own}:Limits:Drain"] = "00:00:00",
            ["Logging:LogLevel:Default"] = "Error",
        };
        if (certificate is not null)
        {
            values[$"{own}:Listeners:{Listener}:Tls:Mode"] = "StartTls";
            values[$"{own}:Listeners:{Listener}:Tls:Certificates:0:Certificate"] = certificate.Whole;
            values[$"{Roots.Clusters}:{Cluster}:Metadata:Smtp.Tls"] = "None";
        }

        values[$"{Roots.Clusters}:{Cluster}:Metadata:Smtp.AskAtStart"] = "false";
        foreach (var (name, address) in relays.Addresses)
        {
            values[$"{Roots.Clusters}:{Cluster}:Destinations:{name}:Address"] = $"smtp://{address}";
        }

        return new Overrides([own, Roots.Clusters, Roots.Http, "Logging"], values);
    }
}
