using System.Net;

namespace SmtpProxy.Demo;

/// <summary>The demo beside a proxy that runs: its traffic, and what it prints.</summary>
/// <param name="options">What the traffic is like.</param>
/// <param name="relays">What the proxy relays to.</param>
/// <param name="output">Where it prints.</param>
internal sealed class DemoRun(DemoOptions options, RelayPark relays, TextWriter output)
{
    /// <summary>Goes on until told otherwise or until its time is over.</summary>
    /// <param name="listeners">The proxy's listeners by name.</param>
    /// <param name="admin">Where its live page is.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(IReadOnlyDictionary<string, IPEndPoint> listeners, string admin, CancellationToken stopping)
    {
        foreach (var line in DemoReport.Started(relays, options, admin))
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
        }

        var sightings = new Sightings();
        using var over = new CancellationTokenSource();
        var telling = DemoReport.TellAsync(sightings, output, over.Token);
        await new Traffic(options, listeners, sightings).RunAsync(stopping).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await telling.ConfigureAwait(false);
    }
}
