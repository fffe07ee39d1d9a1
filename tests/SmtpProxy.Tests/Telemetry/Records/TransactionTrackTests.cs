using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry.Records;

public sealed class TransactionTrackTests : IDisposable
{
    private const string Mail = "MAIL FROM:<a@example.org>";
    private const string Rcpt = "RCPT TO:<b@example.net>";
    private readonly Conversation _talk = new(journal: false);

    public void Dispose() => _talk.Dispose();

    [Theory]
    [InlineData("250 2.0.0 ok", "accepted")]
    [InlineData("451 4.3.0 later", "tempfail")]
    [InlineData("554 5.7.1 no", "permfail")]
    public void Outcome_FinalReply_DecidesIt(string reply, string outcome)
    {
        _talk.Greet().Deliver(reply).Over();
        Is(outcome);
    }

    [Theory]
    [InlineData("450 4.7.1 greylisted", "tempfail")]
    [InlineData("550 5.1.1 unknown", "permfail")]
    public void Outcome_EveryRecipientRefused_IsTheRefusalAndNotTheReset(string reply, string outcome)
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, reply).Ask("RSET", "250 ok").Over();
        Is(outcome);
    }

    [Fact]
    public void Outcome_RefusalsMixed_IsTempfailBecauseSomethingMaySucceedLater()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "450 later").Ask(Rcpt, "550 no").Ask("QUIT", "221 bye").Over();
        Is("tempfail");
    }

    [Fact]
    public void Outcome_DataRefused_IsTheRefusal()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "452 4.3.1 full").Ask("RSET", "250 ok").Over();
        Is("tempfail");
    }

    public static TheoryData<string, string, string> RefusedRecipients => new()
    {
        { "450 later", "450 later", "tempfail" }, { "450 later", "550 no", "tempfail" }, { "550 no", "450 later", "tempfail" },
            { "550 no", "551 no", "permfail" },
    };

    /// <summary>What Postfix as a client gets from most servers for its pipelined DATA.</summary>
    [Theory]
    [MemberData(nameof(RefusedRecipients))]
    public void Outcome_RecipientsRefusedAndDataBecauseOfIt_IsWhatTheRecipientsWereTold(string first, string second, string outcome)
    {
        _talk.Greet().Client(Mail, Rcpt, Rcpt, "DATA").Wait(1).Relay("250 ok", first, second, "554 no valid recipients")
            .Ask("RSET", "250 ok").Over();
        Is(outcome);
    }

    /// <summary>From others it gets 354, and must end the data at once (RFC 2920 3.1).</summary>
    [Theory]
    [MemberData(nameof(RefusedRecipients))]
    public void Outcome_RecipientsRefusedAndTheMessageBecauseOfIt_IsWhatTheRecipientsWereTold(string first, string second, string outcome)
    {
        _talk.Greet().Client(Mail, Rcpt, Rcpt, "DATA").Wait(1).Relay("250 ok", first, second, "354 go").Wait(1).Client(".").Wait(1)
            .Relay("554 no valid recipients").Over();
        Is(outcome);
    }

    [Theory]
    [MemberData(nameof(RefusedRecipients))]
    public void Outcome_RecipientsRefusedAndTheChunkBecauseOfIt_IsWhatTheRecipientsWereTold(string first, string second, string outcome)
    {
        _talk.Greet().Client(Mail, Rcpt, Rcpt, "BDAT 2 LAST", "").Wait(1).Relay("250 ok", first, second, "503 no valid recipients").Over();
        Is(outcome);
    }

    [Theory]
    [InlineData("452 4.3.1 full", "503 no", "tempfail")]
    [InlineData("552 5.3.4 big", "451 no", "permfail")]
    [InlineData("452 4.3.1 full", "250 ok", "accepted")]
    public void Outcome_ChunkRefused_IsTheFirstRefusalUnlessTheRelayTakesItAllTheSame(string chunk, string last, string outcome)
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("BDAT 2\r\n", chunk).Ask("BDAT 2 LAST\r\n", last).Over();
        Is(outcome);
    }

    [Theory]
    [InlineData("RSET", "250 ok", "reset")]
    [InlineData("BDAT 0 LAST", "250 ok", "accepted")]
    public void Outcome_BdatThatIsNone_DoesNotDecideIt(string next, string reply, string outcome)
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("BDAT 5x LAST", "501 what").Ask(next, reply).Over();
        Is(outcome);
    }

    [Fact]
    public void Outcome_Prdr_IsWhatTheReplyForAllSays()
    {
        _talk.Greet().Ask(Mail + " PRDR", "250 ok").Ask(Rcpt, "250 ok").Ask("BDAT 2 LAST\r\n", "353 each", "550 no", "250 all").Over();
        Is("accepted");
        Assert.Equal(2, _talk.Metrics.Single("smtpproxy.message.size").Value);
    }

    [Fact]
    public void Size_OfBurl_IsNotCounted()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("BURL imap://x LAST", "250 ok").Over();
        Is("accepted");
        Assert.Empty(_talk.Metrics["smtpproxy.message.size"]);
        Assert.Equal(1, _talk.Metrics.Single("smtpproxy.message.recipients").Value);
    }

    [Fact]
    public void AtRisk_LastChunkCut_IsNone()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Wait(1).Client("BDAT 300 LAST", "x").Over(SessionOutcome.ClientGone);
        Is("aborted");
        Assert.Empty(_talk.Metrics["smtpproxy.transactions.at_risk"]);
    }

    [Fact]
    public void AtRisk_MessageOfAnotherTransaction_IsNone()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Wait(1).Client("RSET", Mail, Rcpt, "BDAT 0 LAST")
            .Over(SessionOutcome.RelayGone);
        Assert.Empty(_talk.Metrics["smtpproxy.transactions.at_risk"]);
    }

    [Fact]
    public void AtRisk_RefusedInMidBodyAndRead_IsNone()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "354 go").Wait(1).Client("half").Wait(1).Relay("552 5.3.4 big")
            .Wait(1).Client("more", ".").Over(SessionOutcome.ClientGone);
        Is("permfail");
        Assert.Empty(_talk.Metrics["smtpproxy.transactions.at_risk"]);
    }

    [Theory]
    [InlineData("RSET", "250 ok")]
    [InlineData("EHLO x", "250 x")]
    [InlineData("QUIT", "221 bye")]
    public void Outcome_WithdrawnWithoutRefusal_IsReset(string command, string reply)
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask(command, reply).Over();
        Is("reset");
    }

    [Fact]
    public void Outcome_ConnectionLost_IsAborted()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "354 go").Wait(1).Client("half").Over(SessionOutcome.ClientGone);
        Is("aborted");
        Assert.Empty(_talk.Metrics["smtpproxy.transactions.at_risk"]);
        Assert.Empty(_talk.Metrics["smtpproxy.message.size"]);
    }

    [Fact]
    public void Outcome_LmtpRepliesDiffer_IsPartial()
    {
        _talk.Connect().Relay("220 x").Ask("LHLO x", "250 x").Ask(Mail, "250 ok").Ask(Rcpt, "250 ok")
            .Ask("RCPT TO:<c@example.net>", "250 ok")
            .Ask("DATA", "354 go").Wait(1).Client("x", ".").Wait(1).Relay("250 ok", "452 full").Over();
        Is("partial");
        Assert.Equal(2, _talk.Metrics.Single("smtpproxy.message.recipients").Value);
    }

    [Fact]
    public void Size_AnsweredMessage_IsTheMessageWithoutTransparencyDots()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "354 go").Wait(1).Client("..x", ".").Wait(1).Relay("250 ok")
            .Over();
        var sample = _talk.Metrics.Single("smtpproxy.message.size");
        Assert.Equal(4, sample.Value);
        Assert.Equal(["smtpproxy.listener=inbound", "smtpproxy.cluster=relays"], sample.Attributes);
    }

    [Fact]
    public void AtRisk_CutBehindEndOfData_IsUnknown()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "354 go").Wait(1).Client("x", ".")
            .Over(SessionOutcome.ClientGone);
        AtRisk("unknown");
    }

    [Fact]
    public void AtRisk_CutBehindLastChunk_IsUnknown()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Wait(1).Client("BDAT 3 LAST", "x").Over(SessionOutcome.RelayGone);
        AtRisk("unknown");
    }

    [Fact]
    public void AtRisk_WeGaveUpOnTheFinalReply_IsUnknown()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "354 go").Wait(1).Client("x", ".").Proxies("421 4.4.2 Timeout")
            .Over(SessionOutcome.Timeout);
        AtRisk("unknown");
        Is("aborted");
    }

    [Theory]
    [InlineData("250 ok", "accepted")]
    [InlineData("550 no", "refused")]
    public void AtRisk_ReplyDidNotReachTheClient_IsTheRelaysVerdict(string reply, string verdict)
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "354 go").Wait(1).Client("x", ".").Wait(1)
            .Pass(Leg.Relay, System.Text.Encoding.ASCII.GetBytes(reply + "\r\n"), blocked: Leg.Client).Over(SessionOutcome.ClientGone);
        AtRisk(verdict);
    }

    [Fact]
    public void AtRisk_SlowClientThatReadsItAfterAll_IsNone()
    {
        _talk.Greet().Ask(Mail, "250 ok").Ask(Rcpt, "250 ok").Ask("DATA", "354 go").Wait(1).Client("x", ".").Wait(1)
            .Pass(Leg.Relay, "250 ok\r\n"u8.ToArray(), blocked: Leg.Client).Wait(50);
        _talk.Session.Settled(_talk.Dialogue, null, Conversation.Ticks(_talk.Now));
        _talk.Over();
        Assert.Empty(_talk.Metrics["smtpproxy.transactions.at_risk"]);
    }

    private void Is(string outcome) => Assert.Equal(
        ["smtpproxy.outcome=" + outcome, "smtpproxy.listener=inbound", "smtpproxy.cluster=relays", "smtpproxy.destination=mx1"],
        _talk.Metrics.Single("smtpproxy.transactions").Attributes);

    private void AtRisk(string verdict) => Assert.Equal(
        ["smtpproxy.verdict=" + verdict, "smtpproxy.listener=inbound", "smtpproxy.cluster=relays", "smtpproxy.destination=mx1"],
        _talk.Metrics.Single("smtpproxy.transactions.at_risk").Attributes);
}
