using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.FunctionalTests.Conformance;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tests.Differential;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.FunctionalTests.Differential;

/// <summary>Random dialogues whose truth is known from how they were made, through a running proxy: octets both ways, the journal's line of
/// each, and <c>/metrics</c> over all. <c>SMTPPROXY_DIALOGUES</c>, dealt to the proxies, and <c>SMTPPROXY_SEED</c> say how many, and of
/// which seed.</summary>
public sealed class DifferentialSocketTests
{
    private const int Players = 4;
    private const int MostShown = 5;
    private static readonly (string Transport, bool Faults)[] Proxies =
        [("Epoll", false), ("Epoll", true), ("Portable", false), ("Portable", true)];

    public static TheoryData<string, bool> All
    {
        get
        {
            var data = new TheoryData<string, bool>();
            Array.ForEach(Proxies, proxy => data.Add(proxy.Transport, proxy.Faults));
            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dialogues_ThroughTheProxy_AreWhatTheirWriterMeant(string transport, bool faults)
    {
        Skip.If(transport == "Epoll" && !OperatingSystem.IsLinux(), "epoll is a part of Linux");
        var ways = Enum.GetValues<Way>();
        var players = ways.SelectMany(static way => Enumerable.Range(0, Players / 2).Select(n => new DialoguePlayer(way, n).Start()))
            .ToList();
        using var certificates = new TestCertificates();
        var journal = Path.Combine(certificates.Path, "journal.json");
        await using var proxy = await ProxyProcess.StartAsync(
            static _ => { }, new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Test" },
            [
                "--addresses", "full", "--journal", journal, $"--SmtpProxy:Transport={transport}", .. faults ? IdleFaultsName.More : [],
                .. players.SelectMany(player => Arguments(player, certificates)),
            ]);
        var all = Seeds.Dealt(Array.IndexOf(Proxies, (transport, faults)), Proxies.Length, otherwise: 240)
            .Select(static n => Script.Of(Seeds.Seed, n)).ToList();
        var plays = Play(all, players, proxy, faults);
        var lines = await LinesAsync(journal, plays.Count);
        var differences = Differences(plays, lines);
        if (differences.Count == 0)
        {
            differences = await MetricsDifferences.OfAsync(proxy,
                plays.Where(static p => p.Way != Way.XClient).Select(static p => (p.Listener, p.Script)).ToList());
        }

        players.ForEach(static player => player.Dispose());
        Assert.True(differences.Count == 0,
            $"SMTPPROXY_SEED={Seeds.Seed} {transport}, faults {faults}: {differences.Count} of {plays.Count}\n" +
                $"{string.Join("\n\n", differences.Take(MostShown))}");
    }

    private static List<Played> Play(List<Script> scripts, List<DialoguePlayer> players, ProxyProcess proxy, bool faults)
    {
        var next = -1;
        var plays = new ConcurrentBag<Played>();
        var threads = players.Select(player => new Thread(() =>
        {
            var at = proxy.Listener(player.Name);
            while (Interlocked.Increment(ref next) is var n && n < scripts.Count)
            {
                var holds = faults || player.Way != Way.Plain;
                var script = holds ? scripts[n].Unsplit() : scripts[n];
                if (player.Way == Way.XClient && script.Pieces is not [{ Completes: true, Answer.IsGood: true }, ..])
                {
                    continue;
                }

                string client = "", difference;
                try
                {
                    (client, difference) = player.Play(script, at, holds) is var (c, d) ? (c, d ?? "") : ("", "");
                }
                catch (Exception e)
                {
                    difference = e.ToString();
                }

                plays.Add(new Played(script, player.Way, player.Name, client, difference));
            }
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        return [.. plays];
    }

    private static List<string> Differences(List<Played> plays, Dictionary<(string Listener, string Client), JsonElement> lines)
    {
        var all = new List<string>();
        foreach (var play in plays)
        {
            var differences = play.Difference.Length > 0 ? [play.Difference] : new List<string>();
            if (!lines.TryGetValue((play.Listener, play.Client), out var line))
            {
                differences.Add("it is not in the journal");
            }
            else
            {
                var expected = play.Script.Record.DeepClone().AsObject();
                expected["tls"] = play.Way == Way.Tls ? "implicit" : "none";
                var want = JsonSerializer.SerializeToElement(expected);
                differences.AddRange(ExpectedRecord.Differences(want, line));
                differences.AddRange(line.GetProperty("outcome").GetString() == (string?)expected["outcome"]
                    ? [] : [$"outcome: want {expected["outcome"]}, got {line.GetProperty("outcome")}"]);
            }

            if (differences.Count > 0)
            {
                all.Add($"{play.Listener}: {string.Join("; ", differences)}\n{play.Script}");
            }
        }

        // The shortest first: that is the smallest input of all that fail.
        return [.. all.OrderBy(static text => text.Length)];
    }

    private static async Task<Dictionary<(string Listener, string Client), JsonElement>> LinesAsync(string journal, int count)
    {
        string[] lines = [];
        await Eventually.Async(async () =>
        {
            lines = File.Exists(journal) ? await File.ReadAllLinesAsync(journal) : [];
            return lines.Length >= count;
        }, "not every session is in the journal");
        return lines.Select(static line => JsonElement.Parse(line))
            .ToDictionary(static line => (line.GetProperty("listener").GetString()!, line.GetProperty("client").GetString()!));
    }

    private static IEnumerable<string> Arguments(DialoguePlayer player, TestCertificates certificates)
    {
        var (listener, cluster) = ($"--SmtpProxy:Listeners:{player.Name}", $"--ReverseProxy:Clusters:{player.Name}");
        return
        [
            $"{listener}:Address=127.0.0.1:0", $"{listener}:Cluster={player.Name}",
            $"{cluster}:Destinations:only:Address=smtp://{player.Relay}",
            $"{cluster}:Metadata:Smtp.AskAtStart=false",
            .. player.Way switch
            {
                Way.Tls => (string[])[$"{listener}:Tls:Mode=Implicit", .. certificates.Good().Arguments(player.Name),
                    $"{cluster}:Metadata:Smtp.Tls=None"],
                Way.Proxy => [$"{listener}:ProxyProtocol=Required", $"{listener}:ProxyProtocolFrom=127.0.0.0/8",
                    $"{cluster}:Metadata:Smtp.ProxyProtocol=V1"],
                Way.XClient => [$"{cluster}:Metadata:Smtp.XClient=true"],
                _ => [],
            },
        ];
    }

    private sealed record Played(Script Script, Way Way, string Listener, string Client, string Difference);
}
