using System.Globalization;

namespace SmtpProxy.Demo;

/// <summary>What the demo tells people: what runs, what to look at, how it goes.</summary>
internal static class DemoReport
{
    /// <summary>How often it tells how it goes.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>What was started.</summary>
    public static IEnumerable<string> Started(RelayPark relays, DemoOptions options, string admin) =>
    [
        "",
        "relays behind the proxy, each in this process (MAIL IS DISCARDED by all of them):",
        .. relays.Relays.Select(static r => $"  {r.Cluster,-11}{r.Name,-11}{r.Address,-17}{r.Character}"),
        string.Create(CultureInfo.InvariantCulture,
            $"traffic: about {options.Rate:0.#} sessions a second of {Kinds.All.Length} kinds, seed {options.Seed}, " +
                $"{(options.Duration is { } d ? $"for {d}" : "until Ctrl+C")}"),
        "",
        "look at:",
        $"  {admin}/                    the live page",
        $"  {admin}/metrics             for Prometheus; every series there moves within a minute",
        $"  {admin}/api/v1/upstreams    legacy-1 goes away and comes back",
        "  mx-3 is the slow one of three; partner greylists; behind STARTTLS of the listener secure the proxy sees nothing, and says so",
        "  submission ends TLS at the proxy, and programs without TLS reach their provider over TLS by way of it",
        "",
    ];

    /// <summary>Prints how it goes, now and then, until told otherwise.</summary>
    public static async Task TellAsync(Sightings sightings, TextWriter output, CancellationToken over)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            while (true)
            {
                await Task.Delay(Every, over).ConfigureAwait(false);
                await output.WriteLineAsync(Line(clock.Elapsed, sightings)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await output.WriteLineAsync(Line(clock.Elapsed, sightings)).ConfigureAwait(false);
        }
    }

    private static string Line(TimeSpan after, Sightings sightings) =>
        string.Create(CultureInfo.InvariantCulture, $"{after:hh\\:mm\\:ss} {sightings}");
}
