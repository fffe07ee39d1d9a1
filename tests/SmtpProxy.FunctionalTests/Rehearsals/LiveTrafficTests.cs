using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary>Rehearsals without a command: mail passes by itself, and what passes is judged. Also what another program says of it.</summary>
public sealed class LiveTrafficTests(RehearsedProxies proxies) : IClassFixture<RehearsedProxies>
{
    [Fact]
    public async Task Traffic_OfOthers_IsJudgedUntilAllIsAsExpected()
    {
        var result = await RunAsync("""
            rehearsal: Live
            traffic: { live: true, listener: plain, clients: 127.0.0.0/8 }
            faults:
              rules:
                later: { at: rcpt, match: { listener: plain }, occurrence: { first: 5 }, action: { type: reply, code: 451 } }
            expect: [ retried: { atLeast: 2 }, delivered: { messages: 1 }, struck: { min: 2, max: 5 } ]
            """);
        Assert.True(result.Verdict == RehearsalVerdict.Passed, Said(result));
        Assert.Null(result.Phases[0].Seen.ExitCode);
    }

    /// <summary>From such networks nobody comes: there is nothing to judge, and that is no success.</summary>
    [Fact]
    public async Task Traffic_ThatIsNotMeant_IsNotJudged()
    {
        var result = await RunAsync("""
            rehearsal: Elsewhere
            for: 00:00:02
            traffic: { live: true, listener: plain, clients: 192.0.2.0/24 }
            faults:
              rules:
                later: { at: rcpt, match: { listener: plain }, occurrence: { first: 1 }, action: { type: reply, code: 451 } }
            expect: [ delivered: { messages: 1 } ]
            """, longest: null);
        Assert.Equal(RehearsalVerdict.Failed, result.Verdict);
        Assert.Empty(result.Phases[0].Seen.Sessions);
    }

    [SkippableFact]
    public async Task Alert_OfARealPrometheus_IsWaitedFor()
    {
        var rules = Directory.CreateTempSubdirectory("smtpproxy-rules-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(rules.FullName, "recording.yml"), "groups: []\n");
            await File.WriteAllTextAsync(Path.Combine(rules.FullName, "alerts.yml"), """
                groups:
                  - name: rehearsed
                    rules:
                      - alert: FaultsStrike
                        expr: sum(smtpproxy_faults_injected_total{smtpproxy_fault_rule=~".*alerted"}) > 0

                """);
            await using var prometheus = await PrometheusServer.StartAsync(rules.FullName);
            prometheus.Scrape(proxies.Process.Admin);
            var result = await RunAsync($$"""
                rehearsal: Alerted
                traffic: { live: true, listener: plain }
                faults: { rules: { alerted: { at: rcpt, match: { listener: plain }, action: { type: reply, code: 451 } } } }
                expect: [ alert: { name: FaultsStrike, prometheus: '{{prometheus.Address}}prometheus' } ]
                """);
            Assert.True(result.Verdict == RehearsalVerdict.Passed, Said(result));
        }
        finally
        {
            rules.Delete(recursive: true);
        }
    }

    private async Task<RehearsalResult> RunAsync(string text, TimeSpan? longest)
    {
        var plan = RehearsalReader.Read("live", text, null, out var problems);
        Assert.Empty(problems);
        plan = plan! with { Longest = longest ?? plan.Longest };
        using var api = new ProxyApi(proxies.Process.Admin, null);
        await api.PostAsync("faults/reset", []);
        using var over = new CancellationTokenSource();
        var others = TrafficAsync(over.Token);
        var result = await new RehearsalRun(plan, api, null, TimeProvider.System).RunAsync(CancellationToken.None);
        await over.CancelAsync();
        await others;
        return result;
    }

    private Task<RehearsalResult> RunAsync(string text) => RunAsync(text, ProxyProcess.Patience);

    /// <summary>Mail of others, one message after another, each tried again until it is taken.</summary>
    private async Task TrafficAsync(CancellationToken over)
    {
        var mailer = new ScriptedMailer(proxies.Listener("plain"), new Manner { PauseMs = 50 });
        try
        {
            while (true)
            {
                await mailer.RunAsync("live", over);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private static string Said(RehearsalResult result) => string.Join('\n',
    [
        $"{result.Verdict} {result.Reason}",
        .. result.Phases.SelectMany(static p => p.Judged)
            .Select(static j => $"{j.Judgement.IsHeld} {j.Expectation.Text}: {j.Judgement.Why}"),
    ]);
}
