using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>What is not exported is counted and told, and hinders nobody.</summary>
public sealed class ExportTests
{
    private const string Items = "smtpproxy_export_items_total";
    private static readonly string[] Signals = ["traces", "logs", "metrics"];

    [Fact]
    public async Task Push_RefusedThenTakenThenToNobody_IsCountedAndToldOnceEach()
    {
        await using var collector = await Collector.StartAsync();
        collector.Status = 401;
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, collector.Environment,
            "--SmtpProxy:Telemetry:SampleShare=1");
        await TalkAsync(proxy, 1);
        foreach (var signal in Signals)
        {
            await UntilAsync(proxy, m => Count(m, signal, "failed") > 0);
            var told = await proxy.Errors.AwaitAsync(line =>
                line.Contains($"The push of {signal} to {collector.Authority} fails: HTTP 401 Unauthorized", StringComparison.Ordinal));
            Assert.DoesNotContain("hush", told[0], StringComparison.Ordinal);
        }

        Assert.Equal(0, Signals.Sum(s => Count(Metrics(proxy), s, "exported")));
        collector.Status = 200;
        await TalkAsync(proxy, 1);
        foreach (var signal in Signals)
        {
            await UntilAsync(proxy, m => Count(m, signal, "exported") > 0);
            await proxy.Errors.AwaitAsync(line =>
                line.Contains($"The push of {signal} to {collector.Authority} is well again", StringComparison.Ordinal));
        }

        var before = Count(Metrics(proxy), "metrics", "failed");
        await collector.DieAsync();
        await UntilAsync(proxy, m => Count(m, "metrics", "failed") > before + 1);

        // Mail is none the worse.
        await TalkAsync(proxy, 1);
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());

        // The same state a minute after it was told is not told anew.
        Assert.All(Signals, s => Assert.Equal((1, 1),
            (Told(proxy, $"The push of {s} ", "fails"), Told(proxy, $"The push of {s} ", "well again"))));
        Assert.DoesNotContain("hush", proxy.Errors.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_ToASlowCollector_LosesNoSpanUncounted()
    {
        const int SpansOfASession = 4; // the session itself, connect, greeting, QUIT
        const int Sessions = 20;
        await using var collector = await Collector.StartAsync();
        collector.Hold();
        var environment = collector.Environment;
        environment["OTEL_METRICS_EXPORTER"] = environment["OTEL_LOGS_EXPORTER"] = "none";
        environment["OTEL_BSP_MAX_QUEUE_SIZE"] = "16";
        environment["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"] = "8";
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, environment, "--SmtpProxy:Telemetry:SampleShare=1",
            "--SmtpProxy:Telemetry:MaxTracesPerSecond=1000");
        Assert.Equal(9, Metrics(proxy).Text.Split('\n').Count(static line => line.StartsWith(Items, StringComparison.Ordinal)));
        await TalkAsync(proxy, Sessions);
        await proxy.JournalAsync(Sessions);
        await proxy.Errors.AwaitAsync(line =>
            line.Contains($"The push of traces to {collector.Authority} is too slow", StringComparison.Ordinal));
        Assert.True(Count(Metrics(proxy), "traces", "dropped") > 0);

        collector.Release();
        await UntilAsync(proxy, m => Count(m, "traces", "exported") + Count(m, "traces", "dropped") == Sessions * SpansOfASession);
        Assert.Equal(Sessions, Metrics(proxy).Sum("smtpproxy_traces_kept_total"));
        Assert.Equal(0, Count(Metrics(proxy), "traces", "failed"));
    }

    [Fact]
    public async Task Stop_WhileTheCollectorKeepsAllWaiting_IsNotKeptWaiting()
    {
        await using var collector = await Collector.StartAsync();
        collector.Hold();
        var environment = collector.Environment;
        // So that it is the stop that ends the requests, however long it is until then.
        environment["OTEL_EXPORTER_OTLP_TIMEOUT"] = "180000";
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, environment, "--SmtpProxy:Telemetry:SampleShare=1");
        await TalkAsync(proxy, 1);
        while (Signals.Any(s => collector.Requests(s) == 0))
        {
            await Task.Yield();
        }

        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.All(Signals, s => Assert.Equal(1,
            Told(proxy, $"The push of {s} ", "fails: the proxy stopped, and it did not answer in time")));
    }

    [Fact]
    public async Task Push_OfADisabledSdk_IsOff_AndMetricsCanBeScraped()
    {
        await using var collector = await Collector.StartAsync();
        var environment = collector.Environment;
        environment["OTEL_SDK_DISABLED"] = "true";
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, environment, "--SmtpProxy:Telemetry:SampleShare=1");
        await TalkAsync(proxy, 1);
        await proxy.JournalAsync(1);
        Assert.Equal((1, 0), (Metrics(proxy).Sum("smtpproxy_sessions_total"), Metrics(proxy).Sum("smtpproxy_traces_kept_total")));
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.All(Signals, s => Assert.Equal(0, collector.Requests(s)));
    }

    [Theory]
    [InlineData("always_on", 3)]
    [InlineData("parentbased_always_off", 0)]
    public async Task Traces_WithAStandardSampler_AreThoseItTakes(string sampler, int kept)
    {
        await using var collector = await Collector.StartAsync();
        var environment = collector.Environment;
        environment["OTEL_TRACES_SAMPLER"] = sampler;
        // The proxy's own choice would be the contrary: no lots, but what fails.
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, environment, "--SmtpProxy:Telemetry:SampleShare=0",
            "--SmtpProxy:Telemetry:MaxTracesPerSecond=1");
        await TalkAsync(proxy, 2);
        await TalkAsync(proxy, 1, "EHLO c", "MAIL FROM:<a@example.org>", "RCPT TO:<550-5.1.1@example.org>", "QUIT");
        await proxy.JournalAsync(3);
        Assert.Equal((kept, 0), (Metrics(proxy).Sum("smtpproxy_traces_kept_total"), Metrics(proxy).Sum("smtpproxy_traces_dropped_total")));
    }

    private static int Told(ProxyProcess proxy, string what, string how) =>
        proxy.Errors.SoFar.Count(line => line.Contains(what, StringComparison.Ordinal) && line.Contains(how, StringComparison.Ordinal));

    private static double Count(Metrics metrics, string signal, string outcome) =>
        metrics.Sum(Items, ("smtpproxy_signal", signal), ("smtpproxy_outcome", outcome));

    private static Metrics Metrics(ProxyProcess proxy) => Support.Metrics.ReadAsync(proxy).GetAwaiter().GetResult();

    private static async Task UntilAsync(ProxyProcess proxy, Func<Metrics, bool> enough)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        Metrics now;
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            now = await Support.Metrics.ReadAsync(proxy);
        }
        while (!enough(now));
    }

    private static async Task TalkAsync(ProxyProcess proxy, int sessions, params string[] commands)
    {
        for (var i = 0; i < sessions; i++)
        {
            var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
            using (client)
            {
                foreach (var command in commands.Length > 0 ? commands : ["QUIT"])
                {
                    await client.SayAsync(command);
                }
            }
        }
    }
}
