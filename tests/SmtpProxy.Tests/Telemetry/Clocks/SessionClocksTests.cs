using System.Text.Json;
using CsCheck;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry.Clocks;

public sealed class SessionClocksTests : IDisposable
{
    private readonly Conversation _talk = new();

    public void Dispose() => _talk.Dispose();

    [Fact]
    public void Journal_PlainSession_GivesEveryMomentItsOwner()
    {
        // Dial 1, greeting 2, EHLO 4 and QUIT 1 are the relay's, 3 and 1 the client's; the client closes 5 behind the last reply.
        var line = _talk.Greet().Ask("QUIT", "221 bye").Wait(5).Over().Line();
        Assert.Equal((3 + 1 + 5, 1 + 2 + 4 + 1, 5 * Conversation.Forwarding), Shares(line));
        Assert.Equal(_talk.Now, line.GetProperty("duration_ms").GetDouble(), 6);
    }

    [Fact]
    public void Journal_Body_IsTheClientsTime()
    {
        var line = _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go")
            .Wait(20).Client("first part").Wait(30).Client("second part", ".").Wait(40).Relay("250 ok").Over().Line();
        Assert.Equal((3 + 3 + 20 + 30, 1 + 2 + 4 + 3 + 40), Two(line));
    }

    [Fact]
    public void Journal_BlockedWrite_IsTheTimeOfThePeerThatTakesNothing()
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go")
            .Wait(1).Pass(Leg.Client, "part\r\n"u8.ToArray(), blocked: Leg.Relay);
        _talk.Wait(100);
        _talk.Session.Settled(_talk.Dialogue, null, Conversation.Ticks(_talk.Now));
        _talk.Wait(5).Client(".").Wait(1).Pass(Leg.Relay, "250 ok\r\n"u8.ToArray(), blocked: Leg.Client);
        _talk.Wait(200).Over();
        Assert.Equal((3 + 3 + 1 + 5 + 200, 1 + 2 + 4 + 3 + 100 + 1), Two(_talk.Line()));
    }

    [Fact]
    public void Journal_NeverGreeted_IsTheRelaysTime()
    {
        var line = _talk.Connect().Wait(30).Client("EHLO early").Wait(40).Over(SessionOutcome.ClientGone).Line();
        Assert.Equal((0, 1 + 30 + 40, Conversation.Forwarding), Shares(line));
    }

    /// <summary>A transaction begins where its MAIL was read, whatever its end is measured by.</summary>
    [Fact]
    public void RecordUntilRead_OfAReplyThatSeemsOlderThanItsCommand_IsTheEndOfWhatIsDivided()
    {
        var clocks = default(SessionClocks);
        clocks.Begin(0);
        clocks.Read(100);
        var mail = clocks.UntilRead();
        clocks.Forwarded(clientIsFree: false, 150);
        clocks.WaitFor(Owner.Relay, 150);
        clocks.Read(120);
        Assert.Equal(100, clocks.RecordUntilRead - (clocks.UntilRead() - mail).Total);
    }

    /// <summary>When a command was sent is noted after it was; the kernel may have the reply by then.</summary>
    [Fact]
    public void TimingOf_AReplyThatSeemsOlderThanItsCommand_IsNoLongerThanTheSession()
    {
        var clocks = default(SessionClocks);
        var noop = new Exchange { Verb = Verb.Noop };
        clocks.Begin(0);
        clocks.Read(100);
        clocks.Stamp(ref noop);
        clocks.Forwarded(clientIsFree: false, 180);
        clocks.Read(150);
        Assert.Equal(new Timing(0, 150, 150), clocks.TimingOf(noop, clocks.TakeDuration(noop)));
    }

    [Fact]
    public void Journal_ProxyStoodStill_IsItsOwnTime()
    {
        // The proxy takes 50 to begin the dial, and notices the connection 30 after it was there.
        _talk.Accept().Session.Dialling("mx1", Conversation.Ticks(_talk.Now));
        _talk.Wait(50 + 4 + 30).Session
            .Dialled(new DialNote(new DialResult(DialOutcome.Connected, null, null, null)
                { Waited = Conversation.Ticks(50), Late = Conversation.Ticks(30) }),
            Conversation.Ticks(_talk.Now));
        // The greeting came 10 after the connection, and was read 25 after that; QUIT waits 100, its reply 200, and the client's FIN 40.
        _talk.Came(_talk.Now - 20, Leg.Relay, "220 hi").Wait(3 + 100).Came(_talk.Now - 100, Leg.Client, "QUIT").Wait(7 + 200)
            .Came(_talk.Now - 200, Leg.Relay, "221 bye");
        _talk.Wait(5 + 40).Session.Delayed(Conversation.Ticks(_talk.Now - 40), Conversation.Ticks(_talk.Now));
        var line = _talk.Over().Line();
        Assert.Equal((3 + 5, 4 + 10 + 7, 50 + 20 + 100 + 200 + 40 + (3 * Conversation.Forwarding)), Shares(line));
        Assert.Equal([4, 10, 7], _talk.Metrics["smtpproxy.operation.duration"].Select(static s => Math.Round(s.Value * 1000, 6)));
    }

    [Fact]
    public void Journal_RelayThatIsToldSomethingFirst_WaitsForTheProxy()
    {
        _talk.Accept().Session.Dialling("mx1", Conversation.Ticks(_talk.Now));
        _talk.Wait(4 + 30).Session
            .Dialled(new DialNote(new DialResult(DialOutcome.Connected, null, null, null)
                { Late = Conversation.Ticks(30), RelayWaited = true }), Conversation.Ticks(_talk.Now));
        var line = _talk.Wait(10).Relay("220 hi").Over(SessionOutcome.ClientGone).Line();
        Assert.Equal((0, 4 + 10, 30 + Conversation.Forwarding), Shares(line));
    }

    [Fact]
    public void SessionTime_OfWhatIsOver_IsWhatTheJournalSays()
    {
        var line = _talk.Greet().Deliver().Wait(1500).Ask("NOOP", "250 ok").Wait(700).Ask("QUIT", "221 bye").Wait(5).Over().Line();
        Assert.Equal(Shares(line), (Counted("client"), Counted("relay"), Counted("proxy")));

        double Counted(string owner) => Math.Round(_talk.Metrics.Sum("smtpproxy.session.time", "smtpproxy.owner=" + owner) * 1000, 6);
    }

    [Fact]
    public void SessionTime_OfASessionThatLasts_IsCountedMeanwhile()
    {
        _talk.Greet().Wait(900).Ask("NOOP", "250 ok");
        Assert.Equal(0, _talk.Metrics.Sum("smtpproxy.session.time", "smtpproxy.destination=mx1"));
        _talk.Wait(900).Ask("NOOP", "250 ok");
        Assert.InRange(_talk.Metrics.Sum("smtpproxy.session.time", "smtpproxy.owner=client", "smtpproxy.destination=mx1"), 1.8, 1.9);
    }

    [Fact]
    public void SessionTime_OfARelayThatWasLeft_IsThatRelays()
    {
        _talk.Connect("mx1").Wait(40).Session.Dialling("mx2", Conversation.Ticks(_talk.Now));
        _talk.Wait(7).Over(SessionOutcome.ClientGone);
        Assert.Equal(.041, _talk.Metrics.Sum("smtpproxy.session.time", "smtpproxy.destination=mx1"), 9);
        Assert.Equal(.007, _talk.Metrics.Sum("smtpproxy.session.time", "smtpproxy.destination=mx2"), 9);
    }

    [Fact]
    public void SessionTime_OfARelayThatIsKnown_IsThereBeforeItIsCounted()
    {
        _talk.Connect();
        Assert.Equal(["client", "proxy", "relay"], _talk.Metrics["smtpproxy.session.time"]
            .Where(static s => s.Has("smtpproxy.destination=mx1"))
            .Select(static s => s.Attributes[0]["smtpproxy.owner=".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Journal_TlsPassingThrough_IsTheMoveOfWhoDidNotSpeakLast()
    {
        _talk.Greet().Ask("STARTTLS", "220 go").Wait(10).Pass(Leg.Client, [0x16, 0x03, 0x01, 0, 1, 0]).Wait(20)
            .Pass(Leg.Relay, [0x16, 0x03, 0x03, 0, 1, 0]);
        _talk.Wait(30);
        _talk.Session.Spliced(Leg.Client, 5000, Conversation.Ticks(_talk.Now));
        _talk.Dialogue.Skip(Leg.Client, 5000);
        _talk.Session.Settled(_talk.Dialogue, null, Conversation.Ticks(_talk.Now));
        var line = _talk.Wait(40).Over().Line();
        Assert.Equal((3 + 1 + 10 + 30, 1 + 2 + 4 + 1 + 20 + 40), Two(line));
        Assert.Equal("opaque", line.GetProperty("mode").GetString());
        Assert.Equal(25 + 10 + 6 + 5000, line.GetProperty("client_octets").GetInt64());
    }

    [Fact]
    public void Journal_TransactionCutWithTheSession_LastsAsLongAsTheSession()
    {
        var line = _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Wait(100).Over(SessionOutcome.ClientGone).Line();
        Assert.Equal((100, 1), Two(line.GetProperty("transactions")[0]));
    }

    [Fact]
    public void Journal_Transactions_HaveSharesOfTheirOwn()
    {
        var line = _talk.Greet().Deliver().Over().Line();
        var transaction = line.GetProperty("transactions")[0];
        // From MAIL read to the final reply read: 1+1+5 of the client, 1+1+1+7 of the relay, and eight buffers less the last.
        Assert.Equal((1 + 1 + 5, 1 + 1 + 1 + 7, 7 * Conversation.Forwarding), Shares(transaction));
    }

    [Fact]
    public void Journal_AnyTimes_AddUpInWhatIsWritten()
    {
        Gen.Double[0, 3].Array[8].Sample(pauses =>
        {
            using var talk = new Conversation();
            talk.Connect().Wait(pauses[0]).Relay("220 hi").Wait(pauses[1]).Client("EHLO x").Wait(pauses[2]).Relay("250 x")
                .Wait(pauses[3]).Client("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>").Wait(pauses[4]).Relay("250 ok")
                .Wait(pauses[5]).Relay("250 ok").Wait(pauses[6]).Client("QUIT").Wait(pauses[7]).Relay("221 bye").Over();
            var line = talk.Line();
            return new[] { line, line.GetProperty("transactions")[0] }.All(o =>
                o.GetProperty("client_ms").GetDecimal() + o.GetProperty("relay_ms").GetDecimal() + o.GetProperty("proxy_ms").GetDecimal()
                == o.GetProperty("duration_ms").GetDecimal());
        }, iter: 200);
    }

    private static (double Client, double Relay, double Proxy) Shares(JsonElement o) =>
        (o.GetProperty("client_ms").GetDouble(), o.GetProperty("relay_ms").GetDouble(), o.GetProperty("proxy_ms").GetDouble());

    private static (double Client, double Relay) Two(JsonElement o) => (Shares(o).Client, Shares(o).Relay);
}
