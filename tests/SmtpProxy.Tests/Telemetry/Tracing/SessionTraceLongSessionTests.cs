using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Tests.Telemetry.Tracing;

/// <summary>Sessions with many messages, and messages with many recipients.</summary>
public sealed class SessionTraceLongSessionTests
{
    private static readonly TelemetryOptions Everything = new() { SampleShare = 1, MaxTracesPerSecond = 1000 };

    [Fact]
    public void Transactions_AreToldWhenTheyEnd()
    {
        using var talk = new Conversation(traces: Everything);
        talk.Greet().Deliver();
        Assert.Single(talk.Spans!.Of("SMTP transaction"));
        Assert.Empty(talk.Spans.Of("SMTP session"));
        talk.Deliver();
        Assert.Equal(2, talk.Spans.Of("SMTP transaction").Count);
        talk.Over();
        Assert.Equal(2, talk.Spans.Of("SMTP transaction").Count);
        Assert.Equal(2, talk.Spans.Of("SMTP end-of-data").Count);
    }

    [Fact]
    public void Transactions_BeyondTheCap_AreTracesOfTheirOwn_LinkedToTheSession()
    {
        using var talk = new Conversation(maxEntries: 1000, traces: Everything);
        talk.Greet();
        for (var n = 0; n < SpanWriter.MostTransactions + 3; n++)
        {
            talk.Deliver();
        }

        talk.Over();
        var root = talk.Spans!["SMTP session"];
        var all = talk.Spans.Of("SMTP transaction");
        Assert.Equal(SpanWriter.MostTransactions, all.Count(s => s.TraceId == root.TraceId));
        var own = all.Where(s => s.TraceId != root.TraceId).ToArray();
        Assert.Equal(3, own.Length);
        Assert.All(own, s => Assert.Equal(root.SpanId, Assert.Single(s.Links).Context.SpanId));
        Assert.All(own, s => Assert.Equal(["SMTP MAIL", "SMTP RCPT", "SMTP DATA", "SMTP body", "SMTP end-of-data"], talk.Spans.Below(s)));
    }

    [Fact]
    public void Transactions_BeyondTheCap_OnlyBadOnesAreTold_WhereNoLotFalls()
    {
        using var talk = new Conversation(maxEntries: 1000, traces: new TelemetryOptions { SampleShare = 0, MaxTracesPerSecond = 1000 });
        talk.Greet().Ask("VRFY x", "502 no");
        for (var n = 0; n < SpanWriter.MostTransactions + 5; n++)
        {
            talk.Deliver(n == SpanWriter.MostTransactions + 2 ? "451 4.3.0 later" : "250 2.0.0 Ok: queued as 4F1XYZ12");
        }

        talk.Over();
        var root = talk.Spans!["SMTP session"];
        Assert.Equal("tempfail", Assert.Single(talk.Spans.Of("SMTP transaction"), s => s.TraceId != root.TraceId)
            .GetTagItem("smtpproxy.outcome"));
    }

    [Fact]
    public void Session_WithoutJournal_IsNotHeldWhole_AndItsEndIsStillTold()
    {
        using var talk = new Conversation(journal: false, traces: new TelemetryOptions { SampleShare = 0, MaxTracesPerSecond = 1000 });
        talk.Greet();
        for (var n = 0; n < 3000; n++)
        {
            talk.Deliver();
        }

        talk.Deliver("554 5.7.1 no").Over();
        var root = talk.Spans!["SMTP session"];
        Assert.Null(root.GetTagItem("smtpproxy.exchanges.dropped"));
        Assert.Equal("554", root.GetTagItem("error.type"));
        Assert.Contains(talk.Spans.Of("SMTP transaction"), s => s.GetTagItem("smtpproxy.outcome") is "permfail");
        // It can look back, but not to the beginning.
        Assert.InRange(talk.Spans.Of("SMTP transaction").Count, 1, 1 + SpanWriter.MostTransactions);
    }

    [Fact]
    public void Recipients_BeyondTheCap_AreToldInOneEvent()
    {
        using var talk = new Conversation(maxEntries: 2000, traces: Everything);
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok");
        for (var n = 0; n < 1000; n++)
        {
            talk.Ask("RCPT TO:<b@example.net>", n % 10 == 9 ? "550 5.1.1 no" : "250 ok");
        }

        talk.Ask("DATA", "354 go").Wait(1).Client("hi", ".").Wait(1).Relay("250 ok").Over();
        Assert.Equal(TransactionSpan.MostRecipients, talk.Spans!.Of("SMTP RCPT").Count);
        var transaction = talk.Spans["SMTP transaction"];
        var summary = Assert.Single(transaction.Events);
        Assert.Equal("smtp.rcpt.summary", summary.Name);
        var tags = summary.Tags.ToDictionary(t => t.Key, t => t.Value);
        Assert.Equal((842, 94), (tags["smtp.recipients.accepted"], tags["smtp.recipients.rejected"]));
        Assert.Equal((900, 100), (transaction.GetTagItem("smtp.recipients.accepted"), transaction.GetTagItem("smtp.recipients.rejected")));
    }

    [Fact]
    public void PipelinedTransactions_EachExchange_IsBelowItsOwn()
    {
        using var talk = new Conversation(traces: Everything);
        talk.Greet().Wait(1).Client("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "RCPT TO:<c@example.net>", "DATA").Wait(1)
            .Relay("250 ok", "250 ok", "450 4.2.0 later", "354 go").Wait(1)
            .Client("hi", ".", "NOOP", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "QUIT").Wait(1)
            .Relay("250 ok", "250 ok", "250 ok", "250 ok", "221 bye").Over();
        var transactions = talk.Spans!.Of("SMTP transaction").OrderBy(s => s.StartTimeUtc).ToArray();
        Assert.Equal(2, transactions.Length);
        Assert.Equal(["SMTP DATA", "SMTP MAIL", "SMTP RCPT", "SMTP RCPT", "SMTP body", "SMTP end-of-data"],
            talk.Spans.Below(transactions[0]).Order(StringComparer.Ordinal));
        Assert.Equal(["SMTP MAIL", "SMTP RCPT"], talk.Spans.Below(transactions[1]).Order(StringComparer.Ordinal));
        Assert.Equal(["SMTP EHLO", "SMTP NOOP", "SMTP QUIT", "SMTP greeting", "SMTP transaction", "SMTP transaction", "TCP connect"],
            talk.Spans.Below(talk.Spans["SMTP session"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lmtp_EachRecipientsReply_IsASpan()
    {
        using var talk = new Conversation(traces: Everything);
        talk.Connect().Wait(1).Relay("220 lmtp").Ask("LHLO c", "250 lmtp").Ask("MAIL FROM:<a@example.org>", "250 ok")
            .Ask("RCPT TO:<b@example.net>", "250 ok").Ask("RCPT TO:<c@example.net>", "250 ok").Ask("DATA", "354 go")
            .Wait(1).Client("hi", ".").Wait(1).Relay("250 ok").Wait(1).Relay("452 4.2.2 full").Over();
        Assert.Equal(2, talk.Spans!.Of("SMTP end-of-data").Count);
        Assert.Equal("partial", talk.Spans["SMTP transaction"].GetTagItem("smtpproxy.outcome"));
    }

    [Fact]
    public void Transcript_OfAFailedSession_HoldsVerbsAndCodesOnly()
    {
        using var talk = new Conversation(traces: Everything);
        talk.Greet().Ask("AUTH PLAIN c2VjcmV0", "235 2.7.0 ok").Deliver("554 5.7.1 spam").Over();
        var events = talk.Spans!["SMTP session"].Events.Where(e => e.Name == "smtp.exchange").ToArray();
        Assert.Equal(["EHLO 250", "AUTH 235", "MAIL 250", "RCPT 250", "DATA 354", ". 554"],
            events.Select(e => e.Tags.ToDictionary(t => t.Key, t => t.Value))
                .Select(t => $"{t["smtp.command.verb"]} {t["smtp.response.status_code"]}"));
        Assert.All(events.SelectMany(e => e.Tags), t => Assert.DoesNotContain("example", $"{t.Value}", StringComparison.Ordinal));
    }
}
