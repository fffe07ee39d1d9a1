using System.Globalization;
using System.Net;
using System.Text.Json;
using SmtpProxy.Endurance.Attacks;

namespace SmtpProxy.Endurance.Soaking;

/// <summary>
/// A mixed run of any length: mail of all sizes, in the clear and by STARTTLS, through faults that lose nothing; clients that
/// misbehave; reloads, rotated journals, scrapes and readers of the API. In the middle of it and after it the process is looked at in
/// silence, and in the second half again and again, all sessions ended: memory must have come to a level by then.
/// </summary>
internal static class Soak
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (minutes, rate, seed) = (arguments.Number("minutes", 60), arguments.Number("rate", 10), (int)arguments.Number("seed", 1));
        var folder = Directory.CreateTempSubdirectory("smtpproxy-soak-").FullName;
        using var relay = new CountingRelay();
        ProxyUnderLoad.MakeCertificate(folder);
        Configure(folder, relay, 1000);
        using var proxy = await ProxyUnderLoad.StartAsync(arguments.Program, folder, 1,
        [
            "--journal", Path.Combine(folder, "journal.jsonl"), $"--SmtpProxy:Transport={arguments.Transport}",
        ], Leak(arguments)).ConfigureAwait(false);
        Console.WriteLine($"soak: {minutes} minutes, {rate} sessions a second, seed {seed}, transport {arguments.Transport}");

        var run = new Run(proxy, relay, folder, rate, new Random(seed));
        var (began, half, whole) = (DateTime.UtcNow, TimeSpan.FromMinutes(minutes / 2), TimeSpan.FromMinutes(minutes));
        // What is made once is there after the first half: compiled code, pools, label series, and the sessions that are kept for the page.
        // A look at an earlier state would call the rest of that a leak.
        while (DateTime.UtcNow - began < half)
        {
            await run.GoOnAsync(Shorter(half - (DateTime.UtcNow - began), TimeSpan.FromMinutes(5))).ConfigureAwait(false);
            Console.WriteLine($"{DateTime.UtcNow - began:hh\\:mm\\:ss} {proxy.Footprint()}, {relay.Accepted} mails");
        }

        var before = await StillAsync(proxy).ConfigureAwait(false);
        Console.WriteLine($"before:  {before}");
        // The first collection that is asked for gives more back than those after it: it is not part of a line.
        _ = await Memory.ReachableAsync(proxy).ConfigureAwait(false);
        var trends = new Levels();
        while (DateTime.UtcNow - began < whole)
        {
            var left = whole - (DateTime.UtcNow - began);
            await run.GoOnAsync(Shorter(left, Shorter(half / 10, TimeSpan.FromMinutes(3)))).ConfigureAwait(false);
            await trends.LookAsync(proxy).ConfigureAwait(false);
            Console.WriteLine($"{DateTime.UtcNow - began:hh\\:mm\\:ss} {proxy.Footprint()}, {relay.Accepted} mails; {trends}");
        }

        var after = await StillAsync(proxy).ConfigureAwait(false);
        Console.WriteLine($"after:   {after}");
        var figures = await proxy.ReadAsync().ConfigureAwait(false);
        var isGood = run.Tally.Agrees(relay) & Agrees(figures, run.Tally, relay) & Returned(before, after) & trends.Stand;
        Console.WriteLine($"{(trends.Stand ? "level:  " : "GROWS:  ")} {trends}");
        proxy.Signal(15);
        await proxy.EndAsync().ConfigureAwait(false);
        isGood &= JournalAgrees(folder, figures);
        Directory.Delete(folder, recursive: true);
        Console.WriteLine(isGood ? "good" : "NOT GOOD");
        return isGood ? 0 : 1;
    }

    /// <summary>Variables of a product that leaks on purpose; none unless that is asked for.</summary>
    private static Dictionary<string, string> Leak(Arguments arguments)
    {
        var (managed, native) = (arguments.Text("leak", "0"), arguments.Text("native", "0"));
        return (managed, native) == ("0", "0") ? [] : new()
        {
            ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location,
            [StartupHook.Managed] = managed,
            [StartupHook.Native] = native,
        };
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Writes the configuration; another limit makes it another file.</summary>
    private static void Configure(string folder, CountingRelay relay, int limit) =>
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), $$"""
        {
          "SmtpProxy": {
            "Listeners": { "inbound": { "Address": "127.0.0.1:0", "Cluster": "relays", "Tls": { "Mode": "StartTls",
              "Certificates": { "one": { "Certificate": "{{folder}}/cert.pem", "Key": "{{folder}}/key.pem" } } } } },
            "Limits": { "MaxSessions": {{limit}} },
            "Live": { "MaxSessions": 500 },
            "Faults": { "Enabled": true, "Seed": 7, "Rules": {
              "slow": { "at": "rcpt", "probability": 0.05, "action": { "type": "delay", "duration": "00:00:00.050" } },
              "later": { "at": "mail", "probability": 0.02, "action": { "type": "reply", "code": 451, "enhanced": "4.3.0" } },
              "cut": { "at": "dataBody", "probability": 0.01, "action": { "type": "close", "how": "reset" } } } }
          },
          "ReverseProxy": { "Clusters": { "relays": {
            "Metadata": { "Smtp.Tls": "None" }, "Destinations": { "r": { "Address": "{{relay.Address}}" } } } } },
          "Kestrel": { "Endpoints": { "Admin": { "Url": "http://127.0.0.1:0" } } }
        }
        """);

    private static async Task<State> StillAsync(ProxyUnderLoad proxy)
    {
        for (var waited = 0; waited < 60 && (await proxy.ReadAsync().ConfigureAwait(false)).Sum("smtpproxy_active_sessions") > 0; waited++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }

        await Task.Delay(Quiet).ConfigureAwait(false);
        var figures = await proxy.ReadAsync().ConfigureAwait(false);
        return new State(
            proxy.Footprint(), (int)figures.Sum("dotnet_timer_count"), (int)figures.Sum("dotnet_thread_pool_queue_length_total"),
            (int)figures.Sum("smtpproxy_active_sessions"), (long)figures.Sum("smtpproxy_queue_memory_bytes"),
            (long)figures.Sum("smtpproxy_dialogue_memory_bytes"), (long)figures.Sum("smtpproxy_record_memory_bytes"), figures.Series);
    }

    private static bool Agrees(Figures figures, Tally tally, CountingRelay relay)
    {
        var accepted = (long)figures.Sum("smtpproxy_transactions_total", "smtpproxy_outcome=\"accepted\"");
        var atRisk = (long)figures.Sum("smtpproxy_transactions_at_risk_total");
        Console.WriteLine($"proxy:   {accepted} accepted, {atRisk} at risk, {figures.Sum("smtpproxy_sessions_total")} sessions, "
            + $"{figures.Sum("smtpproxy_faults_injected_total")} faults, {figures.Sum("smtpproxy_config_reloads_total")} reloads");
        return accepted >= tally.Count(Verdict.Accepted) && accepted <= relay.Accepted;
    }

    private static bool JournalAgrees(string folder, Figures figures)
    {
        long sessions = 0, accepted = 0;
        foreach (var line in Directory.GetFiles(folder, "journal*").SelectMany(File.ReadLines))
        {
            using var session = JsonDocument.Parse(line);
            sessions++;
            accepted += !session.RootElement.TryGetProperty("transactions", out var all) || all.ValueKind != JsonValueKind.Array ? 0
                : all.EnumerateArray().Count(static t => t.TryGetProperty("verdict", out var verdict) && verdict.ValueEquals("accepted"));
        }

        Console.WriteLine($"journal: {accepted} accepted, {sessions} sessions");
        return sessions == (long)figures.Sum("smtpproxy_sessions_total")
            && accepted == (long)figures.Sum("smtpproxy_transactions_total", "smtpproxy_outcome=\"accepted\"");
    }

    /// <summary>Whether nothing but memory is more than it was in the middle of the run; of that the lines tell. Octets of sessions that
    /// broke off count until the next collection, which an idle process has no reason for.</summary>
    private static bool Returned(State before, State after) =>
        after.Process.Files <= before.Process.Files + 8
        && after.Process.Threads <= before.Process.Threads + 8 && after.Timers <= before.Timers + 4 && after.Queued == 0
        && after.Sessions == 0 && after.QueueMemory <= 4 << 20 && after.DialogueMemory == 0;

    private readonly record struct State(
        Footprint Process, int Timers, int Queued, int Sessions, long QueueMemory, long DialogueMemory, long RecordMemory, int Series);

    /// <summary>What goes on.</summary>
    private sealed class Run(ProxyUnderLoad proxy, CountingRelay relay, string folder, double rate, Random random)
    {
        private long _next;
        private int _turn;

        public Tally Tally { get; } = new();

        /// <summary>Goes on for a while, and waits for what it began.</summary>
        public async Task GoOnAsync(TimeSpan time)
        {
            using var stop = new CancellationTokenSource(time + TimeSpan.FromMinutes(3));
            var (began, running) = (DateTime.UtcNow, new List<Task>());
            while (DateTime.UtcNow - began < time)
            {
                running.RemoveAll(static t => t.IsCompleted);
                running.Add(OneAsync(stop.Token));
                if (++_turn % 300 == 0)
                {
                    await TurnAsync().ConfigureAwait(false);
                }

                await Task.Delay(TimeSpan.FromSeconds(1 / rate), stop.Token).ConfigureAwait(false);
            }

            await Task.WhenAll(running).ConfigureAwait(false);
        }

        private Task OneAsync(CancellationToken stop)
        {
            var target = proxy.Listener("inbound");
            if (random.Next(4) == 0)
            {
                return Nuisance.All[random.Next(Nuisance.All.Count)](target, new Random(random.Next()), stop);
            }

            var mails = Enumerable.Range(0, random.Next(1, 4))
                .Select(_ => new Mail(_next++, random.Next(20) == 0 ? random.Next(1_000_000) : random.Next(200, 20_000))).ToArray();
            return Sender.SendAsync(target, mails, random.Next(4) == 0, random.Next(3) == 0, Tally.Heard, stop);
        }

        /// <summary>What operators do: change the configuration, rotate the journal, look.</summary>
        private async Task TurnAsync()
        {
            Configure(folder, relay, 1000 + (_turn % 7));
            var journal = Path.Combine(folder, "journal.jsonl");
            if (File.Exists(journal))
            {
                File.Move(journal, Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"journal.{_turn}")));
            }

            proxy.Signal(1);
            foreach (var path in new[] { "/api/v1/now", "/api/v1/sessions", "/api/v1/sessions/stream", "/api/v1/clients", "/metrics", "/" })
            {
                await proxy.VisitAsync(path).ConfigureAwait(false);
            }
        }
    }
}
