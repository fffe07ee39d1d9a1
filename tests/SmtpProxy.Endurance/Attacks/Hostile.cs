using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>
/// Attacks, one after the other, on a proxy that serves honest senders meanwhile: what a session of theirs takes of the proxy's own time,
/// and as a whole, before and during each, and what the proxy counted and still holds afterwards. The proxy is judged by its own time. In
/// the whole session attackers, senders and their relay are too, which have the same processors.
/// </summary>
internal static class Hostile
{
    /// <summary>Milliseconds below which the proxy promises nothing: twice this is how late a timer, or the turn of a session among busy
    /// ones, may be.</summary>
    private const double Accuracy = 5;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (seconds, rate) = (arguments.Number("seconds", 8), arguments.Number("rate", 40));
        var only = arguments.Text("only", "").Split(',');
        var folder = Directory.CreateTempSubdirectory("smtpproxy-hostile-").FullName;
        using var relay = new CountingRelay();
        using var bad = new HostileRelays();
        ProxyUnderLoad.MakeCertificate(folder);
        var isAlone = Cores.CanBeShared && arguments.Text("cores", "own") == "own";
        using var proxy = await ProxyUnderLoad.StartAsync(arguments.Program, folder, 2 + bad.Names.Count,
            Options(arguments, folder, relay, bad), before: isAlone ? Cores.First : []).ConfigureAwait(false);
        if (isAlone)
        {
            Cores.LeaveFirst();
        }

        var measure = new Measure(proxy, new HonestSenders(proxy.Listener("honest"), rate), Path.Combine(folder, "journal.jsonl"));
        await measure.ForAsync(seconds).ConfigureAwait(false);
        var isGood = true;
        Console.WriteLine($"{"attack",-22}{"tries",8}{"own p99",9}{"alone",8}{"p99 ms",9}{"alone",8}{"waits",7}{"alone",7}{"failed",7}"
            + $"{"MiB",6}{"files",7}{"series",7}{"GC ms",7}  limits hit, and what is left");
        foreach (var attack in HostileClients.All.Concat(bad.Attacks(proxy))
            .Where(a => only.Any(o => a.Name.Contains(o, StringComparison.Ordinal))))
        {
            // What is compared is measured next to each other: the machine is not the same from one minute to the next.
            var alone = await measure.ForAsync(seconds).ConfigureAwait(false);
            var before = await proxy.ReadAsync().ConfigureAwait(false);
            using var stop = new CancellationTokenSource();
            var (tries, attacking) = Begin(attack, proxy, stop.Token);
            await StandAsync(attack, proxy).ConfigureAwait(false);
            var during = await measure.ForAsync(seconds, stop).ConfigureAwait(false);
            var footprint = proxy.Footprint();
            await attacking.ConfigureAwait(false);
            var (after, left) = await CalmAsync(proxy).ConfigureAwait(false);
            var isFair = during.Own <= 2 * Math.Max(alone.Own, Accuracy);
            isGood &= during.Whole.Failed == 0 && left.Length == 0 && isFair;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{attack.Name,-22}{tries(),8}{during.Own,9:F1}{alone.Own,8:F1}{during.Whole.Worst,9:F1}{alone.Whole.Worst,8:F1}")
                + string.Create(CultureInfo.InvariantCulture, $"{during.Waits,7:P0}{alone.Waits,7:P0}{during.Whole.Failed,7}")
                + $"{footprint.Megabytes,6}{footprint.Files,7}{after.Series,7}{Collected(before, after),7:F0}  "
                + $"{Hits(before, after)}{left}{(isFair ? "" : " UNFAIR")}");
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

    private static (Func<int> Tries, Task Attacking) Begin(Attack attack, ProxyUnderLoad proxy, CancellationToken stop)
    {
        var tries = 0;
        var target = attack.Listener == Attack.Admin ? IPEndPoint.Parse(proxy.Admin.Authority) : proxy.Listener(attack.Listener);
        var all = Enumerable.Range(0, attack.AtOnce).Select(async n =>
        {
            var random = new Random(n);
            while (!stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref tries);
                await attack.Act(target, random, stop).ConfigureAwait(false);
                // A fair share of two cores: this is about what the proxy does, not about who has more of the machine.
                await Task.Delay(attack.Pause, CancellationToken.None).ConfigureAwait(false);
            }
        }).ToArray();
        return (() => tries, Task.WhenAll(all));
    }

    /// <summary>Waits until all of one that stands are there, or a minute.</summary>
    private static async Task StandAsync(Attack attack, ProxyUnderLoad proxy)
    {
        for (var waited = 0; attack.Stands && waited < 120
            && (await proxy.ReadAsync().ConfigureAwait(false)).Sum("smtpproxy_active_sessions") < attack.AtOnce; waited++)
        {
            await Task.Delay(500).ConfigureAwait(false);
        }
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

    /// <summary>For how long the collector stopped everything, in milliseconds, until calm came back.</summary>
    private static double Collected(Figures before, Figures after) =>
        1000 * (after.Sum("dotnet_gc_pause_time_seconds_total") - before.Sum("dotnet_gc_pause_time_seconds_total"));

    private static double Sum(Figures figures, string limit) => figures.Sum("smtpproxy_limits_hit_total", $"\"{limit}\"");
}
