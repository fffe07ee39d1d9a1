using System.Globalization;
using SmtpProxy.Benchmarks.Scale;

namespace SmtpProxy.Benchmarks.Compare;

/// <summary>
/// CPU of this product beside proxies that look at nothing, in one run and in turns:
/// <c>compare [rounds=5] [seconds=2] [warm=15] [kinds=1234]</c>.
/// Clients and relay are in this process, the proxies each in their own. Prints a table of medians.
/// </summary>
internal static class CompareRun
{
    private const string Usage = """
        compare [rounds=5] [seconds=2] [warm=15] [kinds=1234]
          rounds   how often each is measured; medians are taken
          seconds  how long each is measured
          warm     seconds of load before that, for each kind of it: what a runtime compiles is compiled then
        SMTPPROXY_PROGRAM names a published program to measure in place of what was built.
        """;

    public static async Task RunAsync(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var numbers = new Dictionary<string, double> { ["rounds"] = 5, ["seconds"] = 2, ["warm"] = 15, ["kinds"] = 1234 };
        foreach (var argument in arguments)
        {
            if (argument.Split('=') is not [var name, var text] || !numbers.ContainsKey(name)
                || !double.TryParse(text, CultureInfo.InvariantCulture, out var number) || number <= 0)
            {
                await Console.Error.WriteLineAsync($"{argument}: not understood\n{Usage}");
                Environment.ExitCode = 2;
                return;
            }

            numbers[name] = number;
        }

        await RunAsync((int)numbers["rounds"], TimeSpan.FromSeconds(numbers["seconds"]), TimeSpan.FromSeconds(numbers["warm"]),
            Load.All.Where((_, place) => $"{numbers["kinds"]:F0}".Contains((char)('1' + place), StringComparison.Ordinal)));
    }

    private static async Task RunAsync(int rounds, TimeSpan time, TimeSpan warm, IEnumerable<Load> loads)
    {
        ThreadPool.SetMinThreads(64, 8);
        using var relay = new PlainRelay();
        var folder = Directory.CreateTempSubdirectory("smtpproxy-compare-");
        var peers = new List<Peer>();
        try
        {
            foreach (var peer in (Peer?[])[Peer.HaProxy(relay.EndPoint, folder.FullName), Peer.Nginx(relay.EndPoint, folder.FullName)])
            {
                if (peer is not null)
                {
                    peers.Add(peer);
                }
            }

            if (peers.Count < 2)
            {
                await Console.Error.WriteLineAsync("Not all peers are here: apt-get install haproxy nginx-light libnginx-mod-stream");
            }

            peers.AddRange([Peer.Ours("Epoll", relay.EndPoint), Peer.Ours("Portable", relay.EndPoint)]);
            foreach (var peer in peers)
            {
                await peer.StartedAsync();
            }

            Say($"CPU to that of {peers[0].Name}; in brackets µs, and of that in user mode. " +
                $"{rounds} rounds of {time.TotalSeconds} s in turns, medians.\n");
            Say($"| | {string.Join(" | ", peers.Select(static p => p.Name))} |");
            Say($"| --- |{string.Concat(peers.Select(static _ => " --: |"))}");
            foreach (var load in loads)
            {
                Say(await RowAsync(load, peers, rounds, time, warm));
            }
        }
        finally
        {
            peers.ForEach(static peer => peer.Dispose());
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RowAsync(Load load, List<Peer> peers, int rounds, TimeSpan time, TimeSpan warm)
    {
        var costs = peers.ToDictionary(static p => p, static _ => new List<(double All, double User)>());
        foreach (var peer in peers)
        {
            await load.RunAsync(peer.Port, warm);
        }

        for (var round = 0; round < rounds; round++)
        {
            // Another one begins each time: what slows the machine down meanwhile is dealt out.
            foreach (var peer in peers.Skip(round % peers.Count).Concat(peers.Take(round % peers.Count)))
            {
                var before = peer.Cpu();
                var count = await load.RunAsync(peer.Port, time);
                var after = peer.Cpu();
                costs[peer].Add(((after.All - before.All) * 1e6 / count, (after.User - before.User) * 1e6 / count));
            }

            await Console.Error.WriteLineAsync($"{load.Name}: {round + 1} of {rounds}");
        }

        var first = Median(costs[peers[0]].Select(static c => c.All));
        return $"| {load.Name} | " + string.Join(" | ", peers.Select(peer =>
            $"{Median(costs[peer].Select(static c => c.All)) / first:F2} ({Median(costs[peer].Select(static c => c.All)):F1}, " +
                $"{Median(costs[peer].Select(static c => c.User)):F1})")) + " |";
    }

    private static void Say(string text) => Console.WriteLine(text);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
