using System.Diagnostics;
using System.Globalization;

namespace SmtpProxy.Endurance;

/// <summary>
/// Attacks, one after the other, on a proxy that serves honest senders meanwhile: what a whole session of theirs takes, before
/// and during each, and what the proxy counted and still holds afterwards.
/// </summary>
internal static class Hostile
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (seconds, rate, only) = (arguments.Number("seconds", 8), arguments.Number("rate", 40), arguments.Text("only", ""));
        var folder = Directory.CreateTempSubdirectory("smtpproxy-hostile-").FullName;
        using var relay = new CountingRelay();
        using var bad = new HostileRelays();
        ProxyUnderLoad.MakeCertificate(folder);
        using var proxy = await ProxyUnderLoad.StartAsync(
            arguments.Program, folder, 2 + bad.Names.Count, Options(arguments, folder, relay, bad)).ConfigureAwait(false);
        var honest = new HonestSenders(proxy.Listener("honest"), rate);
        await honest.RunAsync(TimeSpan.FromSeconds(seconds)).ConfigureAwait(false);
        var isGood = true;
        Console.WriteLine($"{"attack",-22}{"tries",8}{"p50 ms",8}{"p99 ms",8}{"alone",8}{"failed",7}"
            + $"{"MiB",6}{"files",7}{"series",7}  limits hit, and what is left");
        foreach (var attack in HostileClients.All.Concat(bad.Attacks(proxy)).Where(a => only.Length == 0 || a.Name == only))
        {
            // What is compared is measured next to each other: the machine is not the same from one minute to the next.
            var alone = await honest.RunAsync(TimeSpan.FromSeconds(seconds / 2)).ConfigureAwait(false);
            var before = await proxy.ReadAsync().ConfigureAwait(false);
            using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            var attacking = AttackAsync(attack, proxy, stop.Token);
            var during = await honest.RunAsync(TimeSpan.FromSeconds(seconds)).ConfigureAwait(false);
            var footprint = proxy.Footprint();
            var tries = await attacking.ConfigureAwait(false);
            var (after, left) = await CalmAsync(proxy).ConfigureAwait(false);
            isGood &= during.Failed == 0 && left.Length == 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{attack.Name,-22}{tries,8}{during.Median,8:F1}{during.Worst,8:F1}{alone.Worst,8:F1}{during.Failed,7}")
                + $"{footprint.Megabytes,6}{footprint.Files,7}{after.Series,7}  {Hits(before, after)}{left}");
        }

        Directory.Delete(folder, recursive: true);
        Console.WriteLine(isGood ? "good" : "NOT GOOD");
        return isGood ? 0 : 1;
    }

    private static IEnumerable<string> Options(Arguments arguments, string folder, CountingRelay relay, HostileRelays bad)
    {
        string[] names = ["honest", "open", .. bad.Names];
        foreach (var name in names)
        {
            yield return $"--SmtpProxy:Listeners:{name}:Address=127.0.0.1:0";
            yield return $"--SmtpProxy:Listeners:{name}:Cluster={(bad.Names.Contains(name) ? name : "good")}";
            yield return $"--SmtpProxy:Listeners:{name}:Tls:Mode=StartTls";
            yield return $"--SmtpProxy:Listeners:{name}:Tls:Certificates:one:Certificate={folder}/cert.pem";
            yield return $"--SmtpProxy:Listeners:{name}:Tls:Certificates:one:Key={folder}/key.pem";
        }

        foreach (var (name, address) in bad.Names.Select(name => (name, bad.Address(name))).Append(("good", relay.Address)))
        {
            yield return $"--ReverseProxy:Clusters:{name}:Destinations:r:Address={address}";
            yield return $"--ReverseProxy:Clusters:{name}:Metadata:Smtp.Tls=None";
        }

        yield return "--admin";
        yield return "http://127.0.0.1:0";
        yield return $"--SmtpProxy:Transport={arguments.Transport}";
        yield return "--SmtpProxy:Limits:Greeting=00:00:05";
        yield return "--journal";
        yield return $"{folder}/journal.jsonl";
    }

    private static async Task<int> AttackAsync(Attack attack, ProxyUnderLoad proxy, CancellationToken stop)
    {
        var tries = 0;
        var all = Enumerable.Range(0, attack.AtOnce).Select(async n =>
        {
            var random = new Random(n);
            while (!stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref tries);
                await attack.Act(proxy.Listener(attack.Listener), random, stop).ConfigureAwait(false);
                // A fair share of two cores: this is about what the proxy does, not about who has more of the machine.
                await Task.Delay(attack.Pause, CancellationToken.None).ConfigureAwait(false);
            }
        }).ToArray();
        await Task.WhenAll(all).ConfigureAwait(false);
        return tries;
    }

    private static async Task<(Figures After, string Left)> CalmAsync(ProxyUnderLoad proxy)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var figures = await proxy.ReadAsync().ConfigureAwait(false);
            var (sessions, queued) = (figures.Sum("smtpproxy_active_sessions"), figures.Sum("smtpproxy_queue_memory_bytes"));
            if (sessions == 0 && queued < 4 << 20)
            {
                return (figures, "");
            }

            if (waited.Elapsed > TimeSpan.FromSeconds(30))
            {
                return (figures, $" LEFT: {sessions} sessions, {queued} octets");
            }

            await Task.Delay(500).ConfigureAwait(false);
        }
    }

    private static string Hits(Figures before, Figures after) => string.Join(' ', after.Of("smtpproxy_limits_hit_total")
        .Select(static line => line.Split("smtpproxy_limit=\"")[1].Split('"')[0]).Distinct()
        .Select(limit => (limit, n: Sum(after, limit) - Sum(before, limit)))
        .Where(static hit => hit.n > 0).Select(static hit => $"{hit.limit} {hit.n}"));

    private static double Sum(Figures figures, string limit) => figures.Sum("smtpproxy_limits_hit_total", $"\"{limit}\"");
}
