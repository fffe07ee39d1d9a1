using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>Ten thousand sessions, hundreds at once, with a relay whose delays and codes are known: what metrics and journal say is what
/// was written in the script.</summary>
[Collection(nameof(Alone))]
public sealed class CrowdTests
{
    private const int AtOnce = 800;
    private static readonly TimeSpan Spare = TimeSpan.FromMilliseconds(25);
    private const string Duration = "smtpproxy_operation_duration_seconds";
    private static readonly (string, string)[] Relay = [("smtpproxy_destination", "relay-1"), ("smtpproxy_cluster", "relays"),
        ("smtpproxy_listener", "inbound")];

    [Fact]
    public async Task Crowd_OfScriptedSessions_IsCountedAndTimedAsWritten()
    {
        await using var relay = new ScriptedRelay();
        await using var proxy = await ProxyProcess.StartAloneAsync("--relay", $"smtp://127.0.0.1:{relay.Port}");
        await new ScriptedClients(proxy.Listener()).RunAsync(AtOnce);
        var journal = await proxy.JournalAsync(Script.Connections);
        var metrics = await Metrics.ReadAsync(proxy);

        var steps = Enumerable.Range(0, Script.Connections).Select(Script.Greeting)
            .Concat(Enumerable.Range(0, Script.Sessions).SelectMany(Script.Session)).ToArray();
        AssertCounts(steps, journal, metrics);
        AssertOutcomes(journal, metrics);
        Assert.All(Script.Operations, operation => AssertTimes(operation, [.. steps.Where(s => s.Operation == operation)], relay, metrics));
        AssertClientsOwnTime(steps, journal, metrics);
    }

    private static void AssertCounts(Step[] steps, JsonElement[] journal, Metrics metrics)
    {
        var written = steps.CountBy(static s => (s.Operation, s.Code)).ToDictionary();
        foreach (var ((operation, code), count) in written)
        {
            Assert.Equal((operation, code, count), (operation, code, metrics.Sum("smtpproxy_replies_total",
                [.. Relay, ("smtp_operation_name", operation), ("smtp_response_status_code", $"{code}"), ("smtpproxy_origin", "relay")])));
            Assert.Equal((operation, code, count),
                (operation, code, journal.Sum(record => Codes(record, operation).Count(c => c == code))));
        }

        // And nothing besides.
        Assert.Equal(steps.Length, metrics.Sum("smtpproxy_replies_total"));
        Assert.Equal(steps.Length, journal.Sum(static record => record.GetProperty("exchanges").GetArrayLength() + 1));
        Assert.Equal(0, metrics.Sum("smtpproxy_anomalies_total"));
    }

    private static void AssertOutcomes(JsonElement[] journal, Metrics metrics)
    {
        foreach (var (outcome, count) in Enumerable.Range(0, Script.Sessions).CountBy(Script.Outcome))
        {
            Assert.Equal((outcome, count),
                (outcome, metrics.Sum("smtpproxy_transactions_total", [.. Relay, ("smtpproxy_outcome", outcome)])));
        }

        var accepted = Enumerable.Range(0, Script.Sessions).Count(static n => Script.Outcome(n) == "accepted");
        Assert.Equal(accepted, journal.Sum(static r => r.GetProperty("transactions").EnumerateArray()
            .Count(static t => t.GetProperty("outcome").GetString() == "delivered")));
        Assert.Equal(Script.Sessions, metrics.Sum("smtpproxy_transactions_total"));
        Assert.Equal(Script.Sessions, metrics.Sum("smtpproxy_sessions_total", ("smtpproxy_outcome", "quit")));
        Assert.Equal(Script.Connections - Script.Sessions, metrics.Sum("smtpproxy_sessions_total", ("smtpproxy_outcome", "refused")));
        Assert.Equal(Script.Connections, metrics.Sum("smtpproxy_sessions_total"));
        Assert.Equal(0, metrics.Sum("smtpproxy_active_sessions"));
        Assert.All(journal, static r => Assert.Equal(r.GetProperty("duration_ms").GetDouble(),
            r.GetProperty("client_ms").GetDouble() + r.GetProperty("relay_ms").GetDouble() + r.GetProperty("proxy_ms").GetDouble(), 0.01));
    }

    private static void AssertTimes(string operation, Step[] steps, ScriptedRelay relay, Metrics metrics)
    {
        var histogram = new Histogram(metrics, Duration, [.. Relay, ("smtp_operation_name", operation)]);
        var written = steps.Select(static s => s.Thinks).Order().ToArray();
        Assert.Equal(written.Length, histogram.Count);
        foreach (var quantile in (double[])[0.5, 0.99])
        {
            var least = written[(int)(quantile * written.Length)];
            // As much as the machine delays the relay, which the relay knows, it may delay what is before
            // and behind it, which nobody knows.
            var late = relay.Took(operation, quantile) - least;
            Assert.InRange(histogram.BucketOf(quantile), Histogram.BucketOf(least), Histogram.BucketOf(least + (3 * late) + Spare));
        }
    }

    /// <summary>Clients that pause are waited for by nobody but themselves.</summary>
    private static void AssertClientsOwnTime(Step[] steps, JsonElement[] journal, Metrics metrics)
    {
        var pauses = steps.Count(static s => s.ClientPause > TimeSpan.Zero);
        // A client may have the reply, and begin its pause, a little before the proxy gets to look at the clock.
        var patient = journal.Where(static r => r.GetProperty("client_ms").GetDouble() >= 0.9 * Script.Pause.TotalMilliseconds).ToArray();
        Assert.Equal(pauses, patient.Length);

        // The relay never thinks for as long as they do, with two seconds to spare for a machine that has other things to do.
        Assert.All(Script.Operations,
            operation => Assert.Equal(0, new Histogram(metrics, Duration, ("smtp_operation_name", operation)).Above(2.5)));
        var inBody = steps.Count(static s => s.ClientPause > TimeSpan.Zero && s.Operation == "end_of_data");
        Assert.Equal(inBody, new Histogram(metrics, Duration, ("smtp_operation_name", "body")).Above(2.5));
        Assert.Equal(pauses - inBody, new Histogram(metrics, "smtpproxy_client_think_duration_seconds").Above(2.5));
    }

    private static IEnumerable<int> Codes(JsonElement record, string operation) => operation == "greeting"
        ? [record.GetProperty("greeting").GetProperty("code").GetInt32()]
        : record.GetProperty("exchanges").EnumerateArray()
            .Where(e => e.GetProperty("verb").GetString() == (operation == "end_of_data" ? "." : operation.ToUpperInvariant()))
            .Select(static e => e.GetProperty("code").GetInt32());
}
