using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Demo;

/// <summary>The demo as people start it: everything that it promises to show is in the journal, and nothing is left behind.</summary>
public sealed class DemoTests
{
    private static readonly string[] Quietly = ["demo", "--port", "0", "--admin", "http://127.0.0.1:0", "--journal", "-"];

    /// <summary>It is watched until all has been seen, however long a busy machine takes; but not for ever.</summary>
    [Fact]
    public async Task Demo_WatchedForAWhile_ShowsEveryKindOfTrafficAndLeavesNothingOpen()
    {
        const int Step = 50;
        // A relay that never answers is given up sooner than usual, so that it is seen sooner.
        await using var demo = ProxyProcess.Begin([.. Quietly, "--rate", "40", "--faults", "--SmtpProxy:Limits:FinalReply=00:00:02"]);
        var unseen = new Dictionary<string, Func<JsonElement, bool>>(Sights);
        for (var sessions = Step; unseen.Count > 0; sessions += Step)
        {
            Assert.True(sessions <= 2_000, $"not seen: {string.Join(", ", unseen.Keys)}");
            foreach (var session in (await demo.JournalAsync(sessions))[^Step..])
            {
                foreach (var seen in unseen.Where(sight => sight.Value(session)).ToArray())
                {
                    unseen.Remove(seen.Key);
                }
            }
        }

        demo.Signal(2);
        Assert.Equal(0, await demo.ExitAsync());
        AssertNothingIsOpen(demo.Output.SoFar);
        Assert.DoesNotContain(": fail", demo.Errors.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("did not end in time", demo.Errors.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_WithADuration_EndsByItself()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync([.. Quietly, "--duration", "1s"]);
        Assert.True(code == 0, errors);
        AssertNothingIsOpen(output.Split('\n'));
    }

    [Fact]
    public async Task Demo_UntilCtrlC_TellsWhatToLookAtMovesTheMetricsAndEndsCleanly()
    {
        await using var demo = ProxyProcess.Begin([.. Quietly, "--seed", "5"]);
        await demo.JournalAsync(30);
        var metrics = await Metrics.ReadAsync(demo);
        Assert.True(metrics.Sum("smtpproxy_transactions_total", ("smtpproxy_outcome", "accepted")) > 0);
        Assert.Contains(demo.Output.SoFar,
            line => line.Contains($"{demo.Admin.ToString().TrimEnd('/')}/metrics", StringComparison.Ordinal));

        demo.Signal(2);
        Assert.Equal(0, await demo.ExitAsync());
        AssertNothingIsOpen(demo.Output.SoFar);
    }

    [Theory]
    [InlineData("--rate", "0", "--rate 0: write how many sessions a second")]
    [InlineData("--duration", "20", "--duration 20: write a number and s, m or h")]
    [InlineData("--port", "65534", "--port 65534: write the first of 7 ports")]
    public async Task Demo_WithAnOptionThatCannotBe_SaysWhatCan(string option, string value, string expected)
    {
        var (code, _, errors) = await ProxyProcess.RunAsync("demo", option, value);
        Assert.Equal(1, code);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    /// <summary>What there is to see, each as what a session in the journal shows.</summary>
    private static readonly Dictionary<string, Func<JsonElement, bool>> Sights = new()
    {
        ["a message that was delivered"] = static s => Transactions(s).Any(static t => Text(t, "outcome") == "delivered"),
        ["a message of a megabyte"] = static s =>
            Transactions(s).Any(static t => t.GetProperty("wire_octets") is { ValueKind: JsonValueKind.Number } octets
                && octets.GetInt64() > 1_000_000),
        ["several messages in a session"] = static s => Transactions(s).Count(static t => Text(t, "outcome") == "delivered") > 1,
        ["many recipients"] = static s => Transactions(s).Any(static t => t.GetProperty("recipients").GetArrayLength() >= 5),
        ["BDAT"] = static s => Transactions(s).Any(static t => Text(t, "via") == "BDAT" && Text(t, "outcome") == "delivered"),
        ["several chunks"] = static s => Said(s, "BDAT").Count() > 1,
        ["pipelining"] = static s => Said(s, "DATA").Any(static e => e.GetProperty("pipelined").GetBoolean()),
        ["LMTP"] = static s => Text(s, "protocol") == "lmtp",
        ["AUTH"] = static s => Said(s, "AUTH", 235).Any(),
        ["AUTH with challenges"] = static s => Said(s, "AUTH", 235).Any(static e => Text(e, "mechanism") == "LOGIN"),
        ["AUTH refused"] = static s => Said(s, "AUTH", 535).Any(),
        ["STARTTLS"] = static s => Said(s, "STARTTLS", 220).Any(),
        ["AUTH inside TLS that ends here"] = static s =>
            At(s, "submission") && Text(s, "tls") == "starttls" && Text(s, "mode") == "tracked" && Said(s, "AUTH", 235).Any(),
        ["a handshake that came to nothing"] = static s =>
            At(s, "submission") && s.GetProperty("tls_client") is { ValueKind: JsonValueKind.Object } tls && Text(tls, "error") is not null,
        ["TLS towards a relay for a client without"] = static s =>
            At(s, "programs") && Text(s, "tls") == "none" && s.GetProperty("tls_relay").ValueKind == JsonValueKind.Object
            && Transactions(s).Any(static t => Text(t, "outcome") == "delivered"),
        ["greylisting"] = static s => At(s, "partners") && Said(s, "RCPT", 451).Any(),
        ["a greylisted sender who came back"] = static s =>
            At(s, "partners") && Transactions(s).Any(static t => Text(t, "outcome") == "delivered"),
        ["a size that the relay does not take"] = static s => Said(s, "MAIL", 552).Any(),
        ["an unknown recipient"] = static s => Said(s, "RCPT").Any(static e => Code(e) is 550 or 553),
        ["some recipients refused"] = static s =>
            Transactions(s).Any(static t => t.GetProperty("accepted").GetInt32() > 0 && t.GetProperty("rejected").GetInt32() > 0),
        ["a message refused at its end"] = static s => Said(s, ".", 554).Any(),
        ["a message deferred"] = static s => s.GetProperty("exchanges").EnumerateArray().Any(static e => Code(e) is >= 450 and < 460),
        ["a slow relay"] = static s => s.GetProperty("relay_ms").GetDouble() > 300,
        ["a slow client"] = static s => s.GetProperty("client_ms").GetDouble() > 1_000,
        ["a relay that closes with 421"] = static s =>
            At(s, "inbound") && s.GetProperty("exchanges").EnumerateArray().Any(static e => Code(e) == 421),
        ["commands that are no mail"] = static s => Said(s, "VRFY").Any() && Said(s, "NOOP").Any(),
        ["a command that nobody knows"] = static s => Said(s, "XYZZY", 500).Any(),
        ["a bare LF in a command"] = static s => Anomalies(s).Contains("bare-lf-command"),
        ["a bare LF in a message"] = static s => Anomalies(s).Contains("bare-lf-data"),
        ["a message cut off"] = static s => Anomalies(s).Contains("truncated-data"),
        ["a client that is gone"] = static s => Text(s, "outcome") == "client_gone",
        ["a relay that is gone"] = static s => Text(s, "outcome") == "relay_gone",
        ["a relay that never answers"] = static s => Text(s, "outcome") == "timeout",
        ["a relay that cannot be reached"] = static s => At(s, "legacy") && Text(s, "outcome") == "connect_failed",
        ["a fault"] = static s => s.GetProperty("faults").GetArrayLength() > 0,
        ["the slow relay of three"] = static s => Text(s, "destination") == "mx-3",
    };

    /// <summary>The last line of how it went says so.</summary>
    private static void AssertNothingIsOpen(IEnumerable<string> output) =>
        Assert.Contains(" 0 open;", output.Last(static line => line.Contains(" sessions, ", StringComparison.Ordinal)),
            StringComparison.Ordinal);

    private static bool At(JsonElement session, string listener) => Text(session, "listener") == listener;

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static JsonElement[] Transactions(JsonElement session) => [.. session.GetProperty("transactions").EnumerateArray()];

    private static IEnumerable<string?> Anomalies(JsonElement session) =>
        session.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString());

    private static int Code(JsonElement exchange) =>
        exchange.GetProperty("code") is { ValueKind: JsonValueKind.Number } code ? code.GetInt32() : 0;

    private static IEnumerable<JsonElement> Said(JsonElement session, string verb, int code = 0) =>
        session.GetProperty("exchanges").EnumerateArray().Where(e => Text(e, "verb") == verb && (code == 0 || Code(e) == code));
}
