using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry.Journal;

public sealed class JournalJsonTests : IDisposable
{
    private readonly Conversation _talk = new();

    public void Dispose() => _talk.Dispose();

    [Fact]
    public void Line_OneMessage_HasEveryField()
    {
        var line = _talk.Greet().Deliver().Ask("QUIT", "221 2.0.0 Bye").Over().Line();
        var expected = $$"""
            {"time":"{{line.GetProperty("time").GetString()}}","started_unix":{{line.GetProperty("started_unix").GetRawText()}},
             "session":"{{line.GetProperty("session").GetString()}}","trace_id":null,"listener":"inbound","cluster":"relays","destination":"mx1",
             "client":"192.0.2.7:40112","relay":"127.0.0.1:2526","relay_local":"127.0.0.1:51514","protocol":"smtp",
             "greeting":{"code":220,"enhanced":null,"lines":1,"ms":2.000},
             "exchanges":[
              {"verb":"EHLO","code":250,"enhanced":null,"lines":3,"pipelined":false,"ms":4.000},
              {"verb":"MAIL","code":250,"enhanced":"2.1.0","lines":1,"pipelined":false,"ms":1.000},
              {"verb":"RCPT","code":250,"enhanced":"2.1.5","lines":1,"pipelined":false,"ms":1.000},
              {"verb":"DATA","code":354,"enhanced":null,"lines":1,"pipelined":false,"ms":1.000},
              {"verb":".","code":250,"enhanced":"2.0.0","lines":1,"pipelined":false,"ms":7.000},
              {"verb":"QUIT","code":221,"enhanced":"2.0.0","lines":1,"pipelined":false,"ms":1.000}],
             "capabilities":["PIPELINING","SIZE 10485760"],
             "transactions":[{"from":"a@example.org","params":["SIZE=9"],"recipients":[{"to":"b@example.net","code":250}],"accepted":1,"rejected":0,
              "via":"DATA","wire_octets":18,"message_octets":18,"final_codes":[250],"outcome":"delivered","verdict":"accepted","queue_id":"4F1XYZ12","message_id":null,
              "data_ready_ms":16.500,"body_ms":5.500,"accept_ms":7.000,
              "duration_ms":20.500,"client_ms":7.000,"relay_ms":10.000,"proxy_ms":3.500}],
             "tls":"none","mode":"tracked","opaque":null,"final_state":"quit","anomalies":[],"outcome":"quit","diagnosis":null,"faults":[],"xclient":null,
             "client_hello":null,"tls_client":null,"tls_relay":null,
             "client_octets":117,"server_octets":195,"duration_ms":36.500,"client_ms":12.000,"relay_ms":18.000,"proxy_ms":6.500}
            """;
        Assert.Equal(JsonSerializer.Serialize(JsonDocument.Parse(expected).RootElement), JsonSerializer.Serialize(line));
    }

    [Fact]
    public void Line_Times_AreStartPlusDuration()
    {
        var line = _talk.Greet().Ask("QUIT", "221 bye").Wait(1000).Over().Line();
        var started = DateTimeOffset.UnixEpoch.AddTicks((long)(line.GetProperty("started_unix").GetDecimal() * TimeSpan.TicksPerSecond));
        var ended = line.GetProperty("time").GetDateTimeOffset();
        Assert.Equal(line.GetProperty("duration_ms").GetDouble(), (ended - started).TotalMilliseconds, 1.0);
        Assert.True(Math.Abs((DateTimeOffset.UtcNow - started).TotalMinutes) < 10);
    }

    [Fact]
    public void Line_Sessions_AreUniqueAndSortByStart()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            _talk.Begin();
            ids.Add(_talk.Greet().Over().Line().GetProperty("session").GetString()!);
        }

        Assert.Equal(5, ids.Distinct().Count());
        Assert.All(ids, i => Assert.Matches("^[0-9a-f]{24}$", i));
        Assert.Equal(ids, ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Line_NoRelay_IsAGreetingOfTheProxy()
    {
        var line = _talk.Accept().Proxies("421 4.3.2 no relay").Over(SessionOutcome.ConnectFailed).Line();
        Assert.Equal("""{"code":421,"enhanced":"4.3.2","lines":1,"origin":"proxy","ms":null}""", line.GetProperty("greeting").GetRawText());
        Assert.Equal(JsonValueKind.Null, line.GetProperty("destination").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("relay").ValueKind);
        Assert.Equal("connect_failed", line.GetProperty("outcome").GetString());
        Assert.Equal(0, line.GetProperty("server_octets").GetInt64());
    }

    [Fact]
    public void Line_NothingSaid_HasNoGreeting()
    {
        var line = _talk.Connect().Over(SessionOutcome.RelayGone).Line();
        Assert.Equal(JsonValueKind.Null, line.GetProperty("greeting").ValueKind);
        Assert.Equal("unknown", line.GetProperty("protocol").GetString());
        Assert.Equal("greeting", line.GetProperty("final_state").GetString());
        Assert.Equal("""["missing-greeting"]""", line.GetProperty("anomalies").GetRawText());
    }

    [Fact]
    public void Exchange_Unanswered_IsNull() =>
        Assert.Equal("""{"verb":"NOOP","code":null,"enhanced":null,"lines":0,"pipelined":false,"ms":null}""",
            Exchanges(_talk.Greet().Wait(1).Client("NOOP").Over(SessionOutcome.RelayGone))[1]);

    [Fact]
    public void Exchange_Auth_HasMechanismAndChallenges() =>
        Assert.Equal(
            """{"verb":"AUTH","code":235,"enhanced":"2.7.0","lines":1,"pipelined":false,"mechanism":"LOGIN","challenges":2,"ms":5.000}""",
            Exchanges(_talk.Greet().Ask("auth login", "334 VXNlcm5hbWU6").Ask("dGVzdA==", "334 UGFzc3dvcmQ6")
                .Ask("dGVzdA==", "235 2.7.0 ok").Over())[1]);

    [Fact]
    public void Exchange_Bdat_HasSizeAndLast()
    {
        var exchanges = Exchanges(_talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok")
            .Wait(1).Client("BDAT 3", "a").Wait(1).Relay("250 ok").Wait(1).Client("BDAT 0 LAST").Wait(1).Relay("250 ok").Over());
        Assert.Equal("""{"verb":"BDAT","code":250,"enhanced":null,"lines":1,"pipelined":false,"size":3,"last":false,"ms":1.000}""",
            exchanges[3]);
        Assert.Equal("""{"verb":"BDAT","code":250,"enhanced":null,"lines":1,"pipelined":false,"size":0,"last":true,"ms":1.000}""",
            exchanges[4]);
    }

    [Fact]
    public void Exchanges_LmtpRepliesWithQuitPipelined_StayInCommandOrder()
    {
        _talk.Connect().Relay("220 x").Ask("LHLO x", "250 x").Ask("MAIL FROM:<>", "250 ok")
            .Ask("RCPT TO:<a@x.org>", "250 ok").Ask("RCPT TO:<no@x.org>", "550 no").Ask("RCPT TO:<b@x.org>", "250 ok").Ask("DATA", "354 go")
            .Wait(1).Client("x", ".", "QUIT").Wait(1).Relay("250 2.0.0 ok").Wait(1).Relay("452 4.2.2 full", "221 bye").Over();
        var line = _talk.Line();
        Assert.Equal(["LHLO", "MAIL", "RCPT", "RCPT", "RCPT", "DATA", ".", ".", "QUIT"],
            line.GetProperty("exchanges").EnumerateArray().Select(e => e.GetProperty("verb").GetString()));
        Assert.Equal(["a@x.org", "b@x.org"], line.GetProperty("exchanges").EnumerateArray()
            .Where(e => e.GetProperty("verb").GetString() == ".")
            .Select(e => e.GetProperty("recipient").GetString()));
        var transaction = line.GetProperty("transactions")[0];
        Assert.Equal("[250,452]", transaction.GetProperty("final_codes").GetRawText());
        Assert.Equal("partial", transaction.GetProperty("outcome").GetString());
        Assert.Equal("lmtp", line.GetProperty("protocol").GetString());
    }

    [Fact]
    public void Exchange_UnknownVerb_IsUpperCaseAsSent() =>
        Assert.Equal(["EHLO", "WIBBLE", "?", ""],
            Verbs(_talk.Greet().Ask("wibble x", "500 no").Ask("$$", "500 no").Ask("", "500 no").Over()));

    [Fact]
    public void Capabilities_LastSuccessfulEhlo_Counts()
    {
        var line = _talk.Greet().Ask("EHLO x", "250-x", "250-size 7", "250 auth=login plain").Ask("EHLO y", "500-no", "500-NOPE", "500 no")
            .Over().Line();
        Assert.Equal("""["SIZE 7","AUTH=LOGIN plain"]""", line.GetProperty("capabilities").GetRawText());
    }

    [Fact]
    public void Capabilities_Helo_ClearsThem() =>
        Assert.Equal("[]", _talk.Greet().Ask("HELO x", "250 x").Over().Line().GetProperty("capabilities").GetRawText());

    [Fact]
    public void Anomalies_Repeated_AreListedOnceInOrder()
    {
        var line = _talk.Greet().Wait(1).Pass(Leg.Client, "NO\0OP\n"u8.ToArray()).Wait(1).Relay("250 ok")
            .Wait(1).Pass(Leg.Client, "NOOP\n"u8.ToArray()).Wait(1).Relay("250 ok").Over().Line();
        Assert.Equal(2, line.GetProperty("anomalies").GetArrayLength());
        Assert.Contains("bare-lf-command", line.GetProperty("anomalies").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal(2, _talk.Metrics.Sum("smtpproxy.anomalies", "smtpproxy.anomaly=bare-lf-command"));
    }

    [Fact]
    public void Text_AnyOctets_IsValidJson()
    {
        _talk.Greet().Ask("MAIL FROM:<\"a\\\\\u00e9\u0001<\"@example.org> X=\u00ff", "250 ok").Over();
        var transaction = _talk.Line().GetProperty("transactions")[0];
        Assert.Equal("\"a\\\\\u00e9\u0001<\"@example.org", transaction.GetProperty("from").GetString());
        Assert.Equal("X=\u00ff", transaction.GetProperty("params")[0].GetString());
    }

    [Fact]
    public void Text_Utf8_Stays()
    {
        var mail = Encoding.UTF8.GetBytes("MAIL FROM:<grüße@例え.jp> SMTPUTF8\r\n");
        _talk.Greet().Wait(1).Pass(Leg.Client, mail).Wait(1).Relay("250 ok").Over();
        Assert.Equal("grüße@例え.jp", _talk.Line().GetProperty("transactions")[0].GetProperty("from").GetString());
    }

    [Fact]
    public void Bounds_TooManyExchanges_AreCountedAndNotKept()
    {
        using var talk = new Conversation(maxEntries: 3);
        talk.Greet().Deliver().Deliver().Deliver().Deliver().Over();
        var line = talk.Line();
        Assert.Equal(3, line.GetProperty("exchanges").GetArrayLength());
        Assert.Equal(1 + 16 - 3, line.GetProperty("exchanges_dropped").GetInt32());
        Assert.Equal(3, line.GetProperty("transactions").GetArrayLength());
        Assert.Equal(1, line.GetProperty("transactions_dropped").GetInt32());
        Assert.Equal(1, line.GetProperty("transactions")[2].GetProperty("accepted").GetInt32());
    }

    [Fact]
    public void Bounds_TooMuchText_IsCountedAndNotKept()
    {
        using var talk = new Conversation(maxEntries: 10_000);
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok");
        for (var i = 0; i < 700; i++)
        {
            talk.Ask($"RCPT TO:<{new string('x', 1800)}@example.net>", "250 ok");
        }

        var line = talk.Over().Line();
        Assert.Equal(702, line.GetProperty("exchanges").GetArrayLength() + line.GetProperty("exchanges_dropped").GetInt32());
        Assert.InRange(line.GetProperty("exchanges_dropped").GetInt32(), 100, 200);
        Assert.Equal(700, line.GetProperty("transactions")[0].GetProperty("accepted").GetInt32());
    }

    [Fact]
    public void Bounds_QueueIsFull_DropsAndCounts()
    {
        using var talk = new Conversation(queue: 2);
        for (var i = 0; i < 5; i++)
        {
            talk.Begin();
            talk.Greet().Over();
        }

        Assert.Equal(3, talk.Metrics.Sum("smtpproxy.limits.hit", "smtpproxy.limit=journal"));
        Assert.Equal("inbound", talk.Line().GetProperty("listener").GetString());
        Assert.Equal("inbound", talk.Line().GetProperty("listener").GetString());
        Assert.False(talk.Queue!.Reader.TryRead(out _));
    }

    [Fact]
    public void Record_UsedAgain_RemembersNothing()
    {
        var first = _talk.Greet().Ask("MAIL FROM:<leak@example.org>", "250 ok").Ask("bogus", "500 no").Over().LineText();
        _talk.Begin();
        var second = _talk.Accept().Over(SessionOutcome.ClientGone).LineText();
        Assert.Contains("leak", first, StringComparison.Ordinal);
        Assert.DoesNotContain("leak", second, StringComparison.Ordinal);
        Assert.Contains("\"exchanges\":[],\"capabilities\":[],\"transactions\":[]", second, StringComparison.Ordinal);
        Assert.Contains("\"anomalies\":[\"missing-greeting\"]", second, StringComparison.Ordinal);
    }

    private static string[] Exchanges(Conversation talk) =>
        [.. talk.Line().GetProperty("exchanges").EnumerateArray().Select(e => e.GetRawText())];

    private static IEnumerable<string?> Verbs(Conversation talk) =>
        talk.Line().GetProperty("exchanges").EnumerateArray().Select(e => e.GetProperty("verb").GetString());
}
