using System.Net;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>What the API says of sessions, over real sockets: the same as the journal and the metrics.</summary>
public sealed class SessionsApiTests(LiveProxy live) : IClassFixture<LiveProxy>
{
    [Fact]
    public async Task Session_Each_IsWhatTheJournalSaysOfIt()
    {
        foreach (var line in live.Journal)
        {
            var shown = await live.GetAsync($"/api/v1/sessions/{line.GetProperty("session")}");
            Assert.All(line.EnumerateObject().Where(static m => m.Name is not ("greeting" or "exchanges")),
                member => Assert.Equal($"{member.Name} {member.Value.GetRawText()}",
                    $"{member.Name} {shown.GetProperty(member.Name).GetRawText()}"));
            Assert.Equal(
                line.GetProperty("exchanges").EnumerateArray()
                    .Select(static e => $"{e.GetProperty("verb")} {e.GetProperty("code")} {e.GetProperty("ms")}"),
                shown.GetProperty("exchanges").EnumerateArray()
                    .Select(static e => $"{e.GetProperty("verb")} {e.GetProperty("code")} {e.GetProperty("ms")}"));
        }

        var listed = (await live.GetAsync("/api/v1/sessions?live=false&client=127.0.0.0/8&limit=500")).GetProperty("sessions")
            .EnumerateArray().Select(static s => s.GetProperty("session").GetString()).ToHashSet();
        Assert.All(live.Journal, line => Assert.Contains(line.GetProperty("session").GetString(), listed));
        var refused = Assert.Single((await live.GetAsync("/api/v1/sessions?code=550&noise=hide")).GetProperty("sessions").EnumerateArray());
        Assert.Equal("RCPT", refused.GetProperty("refusals")[0].GetProperty("verb").GetString());
        Assert.DoesNotContain(live.Journal[3].GetProperty("session").GetString(),
            (await live.GetAsync("/api/v1/sessions?noise=hide&live=false&limit=500")).GetProperty("sessions").EnumerateArray()
                .Select(static s => s.GetProperty("session").GetString()));
    }

    [Fact]
    public async Task Now_ItsTotals_AreThoseOfTheMetrics()
    {
        var now = default(JsonElement);
        var metrics = await Metrics.ReadAsync(live.Process);
        // It is made once a second, whoever asks.
        await Eventually.Async(async () => (now = await live.GetAsync("/api/v1/now")).GetProperty("totals").GetProperty("sessions")
            .GetDouble() == (metrics = await Metrics.ReadAsync(live.Process)).Sum("smtpproxy_sessions_total"), "the totals differ");
        var totals = now.GetProperty("totals");
        foreach (var outcome in (string[])["accepted", "tempfail", "permfail", "partial", "reset", "aborted"])
        {
            Assert.Equal(metrics.Sum("smtpproxy_transactions_total", ("smtpproxy_outcome", outcome)),
                totals.GetProperty("messages").GetProperty(outcome).GetDouble());
        }

        foreach (var phase in now.GetProperty("phases").EnumerateArray())
        {
            var count = phase.GetProperty("phase").GetString() is "data_ready" ? metrics.Sum("smtpproxy_data_ready_duration_seconds_count")
                : metrics.Sum("smtpproxy_operation_duration_seconds_count",
                    ("smtp_operation_name", phase.GetProperty("phase").GetString()!));
            Assert.Equal($"{phase.GetProperty("phase")} {count}", $"{phase.GetProperty("phase")} {phase.GetProperty("count")}");
        }

        Assert.Equal("flowing", now.GetProperty("flow").GetProperty("state").GetString());
        Assert.Equal(550, now.GetProperty("refusals")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task OpenSession_IsFollowedWhileItGoesOn_AndToItsEnd()
    {
        var (client, _) = await MailClient.ConnectAsync(live.Process.Listener());
        using (client)
        {
            await client.SayAsync("EHLO follow.test.example");
            await client.SayAsync("MAIL FROM:<me@test.example>");
            var open = default(JsonElement);
            await Eventually.Async(async () =>
                (open = (await live.GetAsync("/api/v1/sessions?live=true")).GetProperty("sessions").EnumerateArray()
                .FirstOrDefault(static s => s.GetProperty("waiting_for").GetString() == "client_command"
                    && s.GetProperty("codes").GetArrayLength() == 2)).ValueKind == JsonValueKind.Object, "the session is not seen");
            await using var events = await SentEvents.OpenAsync(live.Http, $"/api/v1/sessions/{open.GetProperty("session")}/stream");
            var (name, data, _) = await events.NextAsync();
            Assert.Equal(("session", 2), (name, JsonElement.Parse(data).GetProperty("exchanges").GetArrayLength()));
            await client.SayAsync("RSET");
            (name, data, _) = await events.NextAsync();
            Assert.Equal(("session", 3), (name, JsonElement.Parse(data).GetProperty("exchanges").GetArrayLength()));
            await client.SayAsync("QUIT");
        }
    }

    [Fact]
    public async Task Stream_ThatBroke_GoesOnWhereItWas()
    {
        string last;
        await using (var events = await SentEvents.OpenAsync(live.Http, "/api/v1/sessions/stream?relay=sink"))
        {
            Assert.Equal("hello", (await events.NextAsync()).Name);
            await LiveProxy.TalkAsync(live.Process, "EHLO a.stream.example", "QUIT");
            (var name, _, last) = await events.NextAsync();
            Assert.Equal("session", name);
        }

        await LiveProxy.TalkAsync(live.Process, "EHLO b.stream.example", "QUIT");
        await LiveProxy.TalkAsync(live.Process, "EHLO c.stream.example", "QUIT");
        await using var again = await SentEvents.OpenAsync(live.Http, "/api/v1/sessions/stream", last);
        Assert.Equal("hello", (await again.NextAsync()).Name);
        var (first, second) = (await again.NextAsync(), await again.NextAsync());
        Assert.Equal((NumberOf(last) + 1, NumberOf(last) + 2), (NumberOf(first.Id), NumberOf(second.Id)));
        await using var other = await SentEvents.OpenAsync(live.Http, "/api/v1/sessions/stream?now=true", "00000000-1");
        Assert.Equal(["hello", "restart", "now"],
            [(await other.NextAsync()).Name, (await other.NextAsync()).Name, (await other.NextAsync()).Name]);
        static long NumberOf(string id) => long.Parse(id.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Ticket_OfASession_SaysNothingOfPeopleOrPlaces()
    {
        var text = await live.Http.GetStringAsync(new Uri($"/api/v1/sessions/{live.Journal[1].GetProperty("session")}?format=text",
            UriKind.Relative));
        Assert.Contains("(end of data)", text, StringComparison.Ordinal);
        Assert.All((string[])["test.example", "127.0.0.1", "anna", "AGFubmEAc2VjcmV0", "sink", "inbound"],
            secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("550@test.example", "address", 1)]
    [InlineData("one@test.example", "message_id", 1)]
    [InlineData("nobody@test.example", null, 0)]
    public async Task Search_ByWhatIsKnownOfAMessage_FindsIts(string term, string? kind, int hits)
    {
        var found = (await live.GetAsync($"/api/v1/search?q={Uri.EscapeDataString(term)}")).GetProperty("hits").EnumerateArray().ToList();
        Assert.Equal(hits, found.Count);
        Assert.All(found, hit => Assert.Equal(kind, hit.GetProperty("in").GetString()));
    }

    [Fact]
    public async Task Search_ByQueueId_FindsTheSessionOfTheJournal()
    {
        var line = live.Journal[1];
        var id = line.GetProperty("transactions")[0].GetProperty("queue_id").GetString();
        var hit = Assert.Single((await live.GetAsync($"/api/v1/search?q={id}")).GetProperty("hits").EnumerateArray());
        Assert.Equal(line.GetProperty("session").GetString(), hit.GetProperty("session").GetProperty("session").GetString());
    }

    [Fact]
    public async Task Clients_SayWhatTheyUse_AndTheCommandPrintsTheSame()
    {
        var answer = await live.GetAsync("/api/v1/clients?client=127.0.0.1");
        var client = Assert.Single(answer.GetProperty("clients").EnumerateArray());
        Assert.EndsWith(".example", client.GetProperty("helo").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"mechanisms":["PLAIN"],"in_clear":1}""", client.GetProperty("auth").GetRawText());
        Assert.Equal("""["clear","plaintext_auth"]""", client.GetProperty("breaks").GetRawText());
        Assert.Equal((1, 1), (answer.GetProperty("would_break").GetProperty("plaintext_auth").GetProperty("clients").GetInt32(),
            answer.GetProperty("would_break").GetProperty("tls10").GetProperty("of").GetInt32()));
        var (code, output, _) = await ProxyProcess.RunAsync("clients", "--admin", live.Process.Admin.ToString());
        Assert.Equal(0, code);
        Assert.Contains("127.0.0.1", output, StringComparison.Ordinal);
        Assert.Contains("PLAIN in the clear", output, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", output + answer.GetRawText(), StringComparison.Ordinal);
        var csv = await live.Http.GetStringAsync(new Uri("/api/v1/clients?format=csv", UriKind.Relative));
        Assert.Equal(2, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Setup_SaysWhereValuesCameFrom_AndNoSecret()
    {
        var setup = await live.GetAsync("/api/v1/setup");
        var settings = setup.GetProperty("settings").EnumerateArray().ToDictionary(static s => s.GetProperty("key").GetString()!);
        Assert.Equal(("full", "the command line"),
            (settings["SmtpProxy:Privacy:Addresses"].GetProperty("value").GetString(),
                settings["SmtpProxy:Privacy:Addresses"].GetProperty("source").GetString()));
        Assert.Equal("default", settings["SmtpProxy:Live:MaxSessions"].GetProperty("source").GetString());
        Assert.True(settings["SmtpProxy:Privacy:HashKey"].GetProperty("secret").GetBoolean());
        Assert.DoesNotContain("0123456789abcdef", setup.GetRawText(), StringComparison.Ordinal);
        var listener = Assert.Single(setup.GetProperty("page").GetProperty("listeners").EnumerateArray());
        Assert.Equal(("inbound", live.Process.Listener().ToString()), (listener.GetProperty("name").GetString(),
            listener.GetProperty("address").GetString()));
        Assert.Contains(setup.GetProperty("warnings").EnumerateArray(),
            static w => w.GetProperty("text").GetString()!.StartsWith("MAIL IS DISCARDED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Examples_OfTheDocumentation_AreAnswered()
    {
        var lines = Pages.Snippets.Where(static s => s.RunBy == nameof(SessionsApiTests))
            .SelectMany(static s => s.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.InRange(lines.Count, 10, 40);
        Assert.All(lines, static line => Assert.StartsWith("curl -s", line, StringComparison.Ordinal));
        foreach (var line in lines)
        {
            var path = line[(line.IndexOf(":9025", StringComparison.Ordinal) + 5)..].Trim('\'');
            using var answer = await live.Http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        }
    }

    [Theory]
    [InlineData("/api/v1/sessions?code=zz", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/sessions?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/sessions?cursor=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/sessions/stream?client=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/sessions/none", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/sessions/none/stream", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/search", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/clients?breaks=all", HttpStatusCode.BadRequest)]
    public async Task Question_ThatCannotBeAnswered_IsRefusedInWords(string path, HttpStatusCode status)
    {
        using var answer = await live.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>A filter that is ignored would let everything through.</summary>
    [Theory]
    [InlineData("/api/v1/sessions?verdcit=permfail", "did you mean verdict?")]
    [InlineData("/api/v1/sessions?limt=1", "did you mean limit?")]
    [InlineData("/api/v1/sessions/stream?relays=sink", "did you mean relay?")]
    [InlineData("/api/v1/sessions/none?id=x", "known here: format, part")]
    [InlineData("/api/v1/search?q=x&inn=client", "did you mean in?")]
    [InlineData("/api/v1/clients?break=tls10", "did you mean breaks?")]
    [InlineData("/api/v1/codes?lines=550", "did you mean line?")]
    [InlineData("/api/v1/now?code=550", "there are none here")]
    public async Task Parameter_ThatIsNotKnown_IsRefused_AndTheNearestIsNamed(string path, string hint)
    {
        using var answer = await live.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.EndsWith($"is not a parameter here; {hint}", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/sessions?CODE=550&limit=1")]
    [InlineData("/metrics?name%5B%5D=smtpproxy_sessions_total")]
    [InlineData("/healthz?from=balancer")]
    public async Task Parameter_InAnotherCase_OrOfWhatIsNotTheApi_IsTaken(string path)
    {
        using var answer = await live.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
