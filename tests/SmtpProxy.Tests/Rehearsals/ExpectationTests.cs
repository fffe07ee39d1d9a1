using System.Text.Json;
using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Observed;
using SmtpProxy.Rehearsals.Stops;

namespace SmtpProxy.Tests.Rehearsals;

/// <summary>Each expectation before what a good and what a bad client looks like in the journal.</summary>
public sealed class ExpectationTests
{
    private const string Accepted = "'verdict':'accepted'";
    private const string PutOff = "'verdict':'tempfail'";

    [Theory]
    [InlineData(1, true, "the relay took 1 message, the last after 1 s")]
    [InlineData(2, false, "the relay took 1 of 2 messages")]
    public void Delivered_CountsWhatTheRelayTook(int messages, bool held, string why)
    {
        var judged = Of("delivered").Judge(Seen(messages, Session(0, Mail("a", Accepted))));
        Assert.Equal((held, why), (judged.IsHeld, judged.Why));
    }

    [Fact]
    public void Delivered_ByARelayWhoseReplyWasLost_CountsTwiceWhenItComesAgain()
    {
        var lost = Session(0, Mail("a", "'verdict':'aborted'"),
            "'faults':[{'rule':'r','action':'ackLoss','point':'endOfData','relay_code':250,'client_code':null}]");
        var once = Seen(1, lost);
        Assert.True(Of("delivered").Judge(once).IsHeld);
        var twice = Seen(1, lost, Session(5, Mail("a", Accepted)));
        Assert.Equal((false, "the relay took a message 2 times"), Pair(Of("delivered").Judge(twice)));
        Assert.Equal((false, "the relay took a message 2 times"), Pair(Of("noDuplicate").Judge(twice)));
        Assert.True(Of("delivered", ("exactlyOnce", false)).Judge(twice).IsHeld);
        Assert.True(Of("retried", ("sameMessageId", true)).Judge(twice).IsHeld);
        Assert.Equal((false, "the message came again with another Message-ID"),
            Pair(Of("retried", ("sameMessageId", true)).Judge(Seen(1, lost, Session(5, Mail("b", Accepted))))));
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(2, false)]
    [InlineData(60, false)]
    public void Retried_WithinItsLimits_Holds(int at, bool held)
    {
        var retried = Of("retried", ("min", TimeSpan.FromSeconds(3)), ("max", TimeSpan.FromSeconds(30)));
        Assert.Equal(held, retried.Judge(Seen(1, Session(0, Mail("a", PutOff)), Session(at, Mail("a", Accepted)))).IsHeld);
    }

    [Fact]
    public void Retried_ByNobody_IsBrokenAndNamesTheSession()
    {
        var judged = Of("retried").Judge(Seen(1, Session(0, Mail("a", PutOff))));
        Assert.Equal((false, "a try was put off, and none came after it", "s0"), (judged.IsHeld, judged.Why, judged.Session));
        Assert.Equal((false, "only 0 tries were put off or cut"), Pair(Of("retried").Judge(Seen(1, Session(0, Mail("a", Accepted))))));
    }

    [Fact]
    public void NotRetried_AfterARefusalForGood_IsBrokenByTheNextTry()
    {
        var refused = Session(0, Mail("a", "'verdict':'permfail'", 550));
        Assert.True(Of("notRetried").Judge(Seen(1, refused)).IsHeld);
        Assert.False(Of("notRetried").Judge(Seen(1, refused, Session(5, Mail("a", "'verdict':'permfail'", 550)))).IsHeld);
        Assert.False(Of("notRetried").Judge(Seen(1, Session(0, Mail("a", Accepted)))).IsHeld);
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("starttls", true)]
    public void NoPlaintext_MailWithoutTls_IsBroken(string tls, bool held) =>
        Assert.Equal(held, Of("noPlaintext").Judge(Seen(1, Session(0, Mail("a", Accepted), $"'tls':'{tls}'"))).IsHeld);

    [Theory]
    [InlineData(4000, true)]
    [InlineData(400, false)]
    [InlineData(40000, false)]
    public void GaveUp_AfterATime_HoldsWithinItsLimits(int waited, bool held)
    {
        var gone = Session(0, "", "'outcome':'client_gone','faults':[{'rule':'r','action':'delay','point':'greeting'}]", waited);
        Assert.Equal(held, Of("gaveUp", ("min", TimeSpan.FromSeconds(1)), ("max", TimeSpan.FromSeconds(10))).Judge(Seen(1, gone)).IsHeld);
    }

    /// <summary>What it said last can be a fraction of a millisecond behind its end, as both are rounded.</summary>
    [Fact]
    public void GaveUp_AsItSpoke_IsNotBeforeThat()
    {
        var gone = Session(0, "", "'outcome':'client_gone','faults':[{'rule':'r','action':'delay','point':'greeting'}],"
            + "'exchanges':[{'verb':'EHLO','code':null,'at_ms':1000.4,'ms':null}]", 1000);
        Assert.True(Of("gaveUp").Judge(Seen(1, gone)).IsHeld);
    }

    [Fact]
    public void Failover_ToARelayThatIsNotNamed_IsBroken()
    {
        var seen = Seen(1, Session(0, Mail("a", Accepted)));
        Assert.True(Of("failover", ("to", (IReadOnlyList<string>)["relay"])).Judge(seen).IsHeld);
        Assert.Equal((false, "relay took mail"), Pair(Of("failover", ("to", (IReadOnlyList<string>)["two"])).Judge(seen)));
    }

    [Fact]
    public void Connections_AtOnce_AreCountedWhereTheyOverlap()
    {
        var seen = Seen(1, Session(0, "", "'outcome':'quit'", 5000), Session(2, "", "'outcome':'quit'", 1000), Session(9, ""));
        Assert.Equal((true, "3 sessions, 2 at once"), Pair(Of("connections", ("atOnce", 2L)).Judge(seen)));
        Assert.False(Of("connections", ("atOnce", 1L)).Judge(seen).IsHeld);
        Assert.False(Of("connections", ("max", 2L)).Judge(seen).IsHeld);
    }

    [Fact]
    public void Latency_ByPercentile_LeavesOutTheSlowest()
    {
        var seen = Seen(1, [.. Enumerable.Range(0, 10).Select(static n => Session(n, "", "'outcome':'quit'", n == 3 ? 9000 : 100))]);
        Assert.False(Of("latency", ("of", "session"), ("max", TimeSpan.FromSeconds(1))).Judge(seen).IsHeld);
        Assert.True(Of("latency", ("of", "session"), ("max", TimeSpan.FromSeconds(1)), ("percentile", 90.0)).Judge(seen).IsHeld);
    }

    [Fact]
    public void DiagnosisExitStruckAndMetric_SayWhatWasSeen()
    {
        var seen = Seen(1, Session(0, Mail("a", PutOff), "'diagnosis':{'code':'greylisted'}")) with
        {
            ExitCode = 3,
            MetricsThen = MetricsReading.Of("smtpproxy_sessions_total{smtpproxy_outcome=\"quit\",x=\"y\"} 4\n"),
            MetricsNow = MetricsReading.Of("# HELP x\nsmtpproxy_sessions_total{smtpproxy_outcome=\"quit\",x=\"y\"} 6 1700000000\n"),
        };
        Assert.Equal((true, "greylisted"), Pair(Of("diagnosis", ("code", (IReadOnlyList<string>)["greylisted"])).Judge(seen)));
        Assert.Equal((true, "it ended with 3"), Pair(Of("exit", ("code", (IReadOnlyList<long>)[3])).Judge(seen)));
        Assert.Equal((false, "no fault struck: nothing was rehearsed"), Pair(Of("struck").Judge(seen)));
        Assert.Equal((true, "it grew by 2"), Pair(Of("metric", ("name", "smtpproxy_sessions_total"), ("min", 2.0),
            ("labels", (IReadOnlyList<string>)["smtpproxy_outcome=quit"])).Judge(seen)));
        Assert.Equal((false, "it grew by 0"), Pair(Of("metric", ("name", "smtpproxy_sessions_total"),
            ("labels", (IReadOnlyList<string>)["smtpproxy_outcome=timeout"])).Judge(seen)));
    }

    [Fact]
    public void Alert_ThatFires_Holds()
    {
        var alert = Of("alert", ("name", "RelayDown"), ("prometheus", "http://127.0.0.1:9090"));
        Assert.Equal((false, "Prometheus did not answer"), Pair(alert.Judge(Seen(1))));
        Assert.True(alert.Judge(Seen(1) with { Alerts = ["RelayDown"] }).IsHeld);
        Assert.Equal((false, "Other fired"), Pair(alert.Judge(Seen(1) with { Alerts = ["Other"] })));
    }

    [Fact]
    public void Alert_ThatFiredBefore_IsNoSuccess() =>
        Assert.Equal((false, "it fired before this phase began"),
            Pair(Of("alert", ("name", "RelayDown"), ("prometheus", "http://127.0.0.1:9090")).Judge(
                Seen(1) with { AlertsThen = ["RelayDown"], Alerts = ["RelayDown"] })));

    /// <summary>A reply that never comes takes longer than any limit; its session's end is all that is known of it.</summary>
    [Fact]
    public void Latency_OfAReplyThatNeverCame_IsTheTimeUntilTheEnd()
    {
        var hung = Seen(1, Session(0, "", "'exchanges':[{'verb':'RCPT','code':250,'at_ms':1,'ms':1,'end_ms':2},"
            + "{'verb':'RCPT','code':null,'at_ms':1000,'ms':null}]", 9000));
        Assert.Equal((false, "RCPT took 8 s"), Pair(Of("latency", ("of", "RCPT"), ("max", TimeSpan.FromSeconds(5))).Judge(hung)));
        Assert.Equal("RCPT took 8 s", Stop("slow", ("of", "RCPT"), ("above", TimeSpan.FromSeconds(5))).Why(hung));
    }

    [Fact]
    public void NoPlaintext_MailBeforeStartTls_IsBroken()
    {
        const string After =
            "'tls':'starttls','exchanges':[{'verb':'EHLO','code':250},{'verb':'STARTTLS','code':220},{'verb':'MAIL','code':250}]";
        Assert.True(Of("noPlaintext").Judge(Seen(1, Session(0, "", After))).IsHeld);
        var before = After.Replace("{'verb':'STARTTLS'", "{'verb':'MAIL','code':530},{'verb':'STARTTLS'", StringComparison.Ordinal);
        Assert.Equal((false, "MAIL was said without TLS"), Pair(Of("noPlaintext").Judge(Seen(1, Session(0, "", before)))));
    }

    [Theory]
    [InlineData("notDelivered")]
    [InlineData("noDuplicate")]
    public void Nothing_InASessionThatCouldNotBeFollowed_IsNotKnown(string name)
    {
        Assert.True(Of(name).Judge(Seen(1, Session(0, ""))).IsHeld);
        Assert.StartsWith("a session could not be followed", Of(name).Judge(Seen(1, Session(0, "", "'mode':'opaque'"))).Why,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Retried_WithAMessageIdThatNobodySaw_IsBroken()
    {
        var seen = Seen(1, Session(0, Mail("a", PutOff).Replace("'message_id':'a'", "'message_id':null", StringComparison.Ordinal)),
            Session(5, Mail("a", Accepted)));
        Assert.True(Of("retried").Judge(seen).IsHeld);
        Assert.StartsWith("no Message-ID was seen both times", Of("retried", ("sameMessageId", true)).Judge(seen).Why,
            StringComparison.Ordinal);
    }

    /// <summary>Of mail that passes nobody says how much it is.</summary>
    [Fact]
    public void Delivered_OfMailThatPasses_IsAllThatWasTried()
    {
        var other = Mail("b", PutOff).Replace("b@y", "c@y", StringComparison.Ordinal);
        var seen = Seen(1, Session(0, Mail("a", Accepted)), Session(1, other)) with { Messages = null };
        Assert.Equal((false, "a message was tried, and the relay has not taken it"), Pair(Of("delivered").Judge(seen)));
        Assert.True(Of("delivered", ("messages", 1L)).Judge(seen).IsHeld);
        Assert.True(Of("delivered").Judge(seen with
            { Sessions = [.. seen.Sessions, Session(2, Mail("b", Accepted).Replace("b@y", "c@y", StringComparison.Ordinal))] }).IsHeld);
    }

    [Fact]
    public void Delivered_WhereAddressesAreNotRecorded_SaysWhyNothingIsKnown()
    {
        var mail = Mail("a", Accepted).Replace("'a@x'", "null", StringComparison.Ordinal)
            .Replace("'b@y'", "null", StringComparison.Ordinal);
        Assert.StartsWith("messages cannot be told from one another",
            Of("delivered").Judge(Seen(2, Session(0, mail), Session(5, mail))).Why,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Stops_AreMetAboveTheirLimit()
    {
        var seen = Seen(1, Session(0, Mail("a", PutOff), "'diagnosis':{'code':'greylisted'}"), Session(1, Mail("a", Accepted)));
        Assert.Equal("there were 2 tries", Stop("tries", ("above", 1L)).Why(seen));
        Assert.Null(Stop("tries", ("above", 2L)).Why(seen));
        Assert.Equal("there were 2 sessions", Stop("sessions", ("above", 1L)).Why(seen));
        Assert.Equal("session took 1 s", Stop("slow", ("of", "session"), ("above", TimeSpan.FromSeconds(0.5))).Why(seen));
        Assert.Equal("a session has the diagnosis greylisted",
            Stop("diagnosis", ("code", (IReadOnlyList<string>)["greylisted"])).Why(seen));
        Assert.Equal("1 of 2 sessions without a fault failed", Stop("bystanders", ("above", 0.2), ("of", 2L)).Why(seen));
        Assert.Null(Stop("bystanders", ("above", 0.5), ("of", 2L)).Why(seen));
    }

    private static (bool IsHeld, string Why) Pair(Judgement judged) => (judged.IsHeld, judged.Why);

    private static Expectation Of(string name, params (string Name, object Value)[] members)
    {
        var errors = new List<RuleError>();
        var made = ExpectationKinds.All.Single(k => k.Name == name).Create(Read(members), errors);
        Assert.Empty(errors);
        return made;
    }

    private static StopCondition Stop(string name, params (string Name, object Value)[] members) =>
        StopKinds.All.Single(k => k.Name == name).Create(Read(members));

    private static Values Read((string Name, object Value)[] members)
    {
        var values = new Values();
        foreach (var (name, value) in members)
        {
            values.Set(name, value);
        }

        return values;
    }

    private static Observation Seen(int messages, params SeenSession[] sessions) =>
        new() { Sessions = sessions, Began = 1000, Now = 1100, Messages = messages };

    private static string Mail(string id, string verdict, int rcpt = 250) =>
        $"'transactions':[{{'from':'a@x','recipients':[{{'to':'b@y','code':{rcpt}}}],{verdict},'message_id':'{id}'}}]";

    /// <summary>A session that begins so many seconds after the phase, and its members; single quotes stand for double ones.</summary>
    private static SeenSession Session(int at, string mail, string more = "", int ms = 1000)
    {
        var exchanges = mail.Length == 0
            ? "[]" : "[{'verb':'MAIL','code':250,'at_ms':1,'ms':1},{'verb':'.','code':250,'at_ms':900,'ms':100}]";
        string[] members =
            [$"'session':'s{at}','started_unix':{1000 + at},'duration_ms':{ms},'destination':'relay'",
            more.Contains("'exchanges'", StringComparison.Ordinal) ? "" : $"'exchanges':{exchanges}",
            mail, more, more.Contains("'outcome'", StringComparison.Ordinal) ? "" : "'outcome':'quit'"];
        return SeenSession.Of(JsonElement.Parse(
            $"{{{string.Join(',', members.Where(static m => m.Length > 0))}}}".Replace('\'', '"')));
    }
}
