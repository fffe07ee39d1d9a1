using System.Globalization;
using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Reports;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary>A stop condition ends a rehearsal, all faults and what they hold at once.</summary>
public sealed class AutoHaltTests(RehearsedProxies proxies, ITestOutputHelper output) : IClassFixture<RehearsedProxies>
{
    private const string Text = """
        rehearsal: Stopped
        for: 00:03:00
        faults:
          rules:
            never:
              at: rcpt
              action: { type: reply, code: 451 }
        expect: [delivered]
        stop:
          - tries: { above: 2 }
        """;

    [Fact]
    public async Task StopCondition_Met_HaltsAllFaultsAndFailsTheRehearsal()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("SMTPPROXY_HALTS") ?? "2", CultureInfo.InvariantCulture);
        var plan = RehearsalReader.Read("stopped", Text, null, out _)! with { Listeners = ["plain"] };
        using var api = new ProxyApi(proxies.Process.Admin, null);
        var times = new List<double>();
        for (var n = 0; n < rounds; n++)
        {
            var client = new ScriptedMailer(proxies.Listener("plain"), new Manner { Tries = 1_000_000, PauseMs = 20 });
            var result = await new RehearsalRun(plan, api, client, TimeProvider.System).RunAsync(CancellationToken.None);
            Assert.Equal(RehearsalVerdict.Failed, result.Verdict);
            Assert.Matches(@"^stopped: there were \d+ tries$", result.Reason);
            var status = await api.AskAsync("faults/status");
            Assert.Contains("rehearsal Stopped: there were", status!["halted"]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Empty(status["rules"]!.AsArray());
            times.Add(result.HaltedAfter!.Value.TotalMilliseconds);
            await api.PostAsync("faults/resume", []);
        }

        times.Sort();
        output.WriteLine($"auto-halt of {rounds}: p50 {times[rounds / 2]:0} ms, max {times[^1]:0} ms");
    }
}
