using System.Net;
using System.Security.Cryptography;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>A proxy for one rehearsal, in this process, on loopback and free ports. No mail leaves it.</summary>
internal static class OwnProxy
{
    /// <summary>Reports go to places that many can read. Equal addresses are equal, which is all that a verdict needs.</summary>
    private static readonly Dictionary<string, string?> Private = new()
    {
        [$"{Settings.Section}:Privacy:Addresses"] = "hash",
        [$"{Settings.Section}:Privacy:HashKey"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)),
    };

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
            var addresses = relays.Addresses.ToDictionary(static r => r.Key, static r => r.Value.ToString()!, StringComparer.Ordinal);
            using var configuration = ConfigurationSetup.LoadOnly(StandSettings.Create(addresses, plan.Seed, certificate, Private));
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
}
