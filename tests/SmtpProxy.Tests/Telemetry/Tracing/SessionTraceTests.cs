using System.Diagnostics;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry.Tracing;

public sealed class SessionTraceTests
{
    private static readonly TelemetryOptions Everything = new() { SampleShare = 1 };
    private static readonly TelemetryOptions BadOnly = new() { SampleShare = 0 };

    [Fact]
    public void Session_Kept_HasTheSpansOfItsDialogue()
    {
        using var talk = new Conversation(traces: Everything);
        talk.Greet().Deliver().Ask("QUIT", "221 bye").Over();
        var root = talk.Spans!["SMTP session"];
        Assert.Equal(ActivityKind.Server, root.Kind);
        Assert.Equal(["TCP connect", "SMTP greeting", "SMTP EHLO", "SMTP transaction", "SMTP QUIT"], talk.Spans.Below(root));
        Assert.Equal(["SMTP MAIL", "SMTP RCPT", "SMTP DATA", "SMTP body", "SMTP end-of-data"],
            talk.Spans.Below(talk.Spans["SMTP transaction"]));
        Assert.All(talk.Spans.All, s => Assert.Equal(root.TraceId, s.TraceId));
        Assert.Equal(ActivityStatusCode.Unset, root.Status);
        Assert.Equal("quit", root.GetTagItem("smtpproxy.outcome"));
        Assert.Equal("192.0.2.7", root.GetTagItem("client.address"));
        Assert.Equal("4F1XYZ12", talk.Spans["SMTP transaction"].GetTagItem("smtp.queue.id"));
        Assert.Equal(root.TraceId.ToHexString(), talk.Line().GetProperty("trace_id").GetString());
    }

    [Fact]
    public void Spans_Times_AreThoseOfTheClocks()
    {
        using var talk = new Conversation(traces: Everything);
        talk.Greet().Deliver().Ask("QUIT", "221 bye").Over();
        var line = talk.Line();
        double Milliseconds(string span) => Math.Round(talk.Spans![span].Duration.TotalMilliseconds, 3);
        Assert.Equal(line.GetProperty("duration_ms").GetDouble(), Milliseconds("SMTP session"));
        Assert.Equal(line.GetProperty("greeting").GetProperty("ms").GetDouble(), Milliseconds("SMTP greeting"));
        Assert.Equal(4, Milliseconds("SMTP EHLO"));
        var message = line.GetProperty("transactions")[0];
        Assert.Equal(message.GetProperty("duration_ms").GetDouble(), Milliseconds("SMTP transaction"));
        Assert.Equal(message.GetProperty("body_ms").GetDouble(), Milliseconds("SMTP body"));
        Assert.Equal(message.GetProperty("accept_ms").GetDouble(), Milliseconds("SMTP end-of-data"));
        Assert.Equal(talk.Spans!["SMTP body"].StartTimeUtc + talk.Spans["SMTP body"].Duration, talk.Spans["SMTP end-of-data"].StartTimeUtc);
    }

    /// <summary>The proxy stood still between sending the end of data and noting when, and the kernel had the verdict by then.</summary>
    [Fact]
    public void Spans_WhereTheVerdictSeemsOlderThanTheMessage_LieWithinTheTransactionInTheirOrder()
    {
        using var talk = new Conversation(traces: Everything);
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go").Wait(2);
        talk.Came(talk.Now, Leg.Client, "hi\r\n.", takes: 8).Came(talk.Now - 7, Leg.Relay, "250 ok").Ask("QUIT", "221 bye").Over();
        var transaction = talk.Spans!["SMTP transaction"];
        string[] parts = ["SMTP MAIL", "SMTP RCPT", "SMTP DATA", "SMTP body", "SMTP end-of-data"];
        Assert.Equal(parts, talk.Spans.Below(transaction));
        Assert.All(parts.Select(part => talk.Spans[part]), part =>
        {
            Assert.InRange(part.StartTimeUtc, transaction.StartTimeUtc, transaction.StartTimeUtc + transaction.Duration);
            // A span is never empty: the shortest takes 100 ns.
            Assert.InRange(part.StartTimeUtc + part.Duration, part.StartTimeUtc,
                transaction.StartTimeUtc + transaction.Duration + TimeSpan.FromTicks(1));
        });
    }

    [Fact]
    public void Session_GoodAndNotDrawn_LeavesNoSpan()
    {
        using var talk = new Conversation(traces: BadOnly);
        talk.Greet().Deliver().Ask("QUIT", "221 bye").Over();
        Assert.Empty(talk.Spans!.All);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, talk.Line().GetProperty("trace_id").ValueKind);
    }

    [Fact]
    public void Session_Refusing_IsKeptWholeFromItsStart()
    {
        using var talk = new Conversation(traces: BadOnly);
        talk.Greet().Deliver().Deliver("451 4.3.0 later").Ask("QUIT", "221 bye").Over();
        var root = talk.Spans!["SMTP session"];
        Assert.Equal("error", root.GetTagItem("smtpproxy.trace.reason"));
        Assert.Equal((ActivityStatusCode.Error, "451"), (root.Status, root.GetTagItem("error.type")));
        Assert.Equal(2, talk.Spans.Of("SMTP transaction").Count);
        Assert.Equal(root.StartTimeUtc.AddMilliseconds(0), talk.Spans["TCP connect"].StartTimeUtc);
        Assert.Equal(1, talk.Metrics.Sum("smtpproxy.traces.kept", "smtpproxy.reason=error"));
    }

    [Fact]
    public void Greylisting_IsKept_AndNoError()
    {
        using var talk = new Conversation(traces: BadOnly);
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "450 4.7.1 Greylisted")
            .Ask("QUIT", "221 bye").Over();
        Assert.Equal(ActivityStatusCode.Unset, talk.Spans!["SMTP session"].Status);
        Assert.Equal(ActivityStatusCode.Unset, talk.Spans["SMTP transaction"].Status);
        Assert.Equal("450", talk.Spans["SMTP RCPT"].GetTagItem("error.type"));
    }

    [Theory]
    [InlineData("anomaly")]
    [InlineData("abort")]
    [InlineData("slow")]
    [InlineData("error")]
    public void Session_WithAReason_IsKeptForIt(string reason)
    {
        using var talk = new Conversation(traces: BadOnly);
        talk.Greet();
        switch (reason)
        {
            case "anomaly":
                talk.Wait(1).Pass(Leg.Client, "NOOP\n"u8.ToArray());
                break;
            case "abort":
                talk.Ask("MAIL FROM:<a@example.org>", "250 ok").Over(SessionOutcome.ClientGone);
                break;
            case "slow":
                talk.Wait(1).Client("NOOP").Wait(5000).Relay("250 ok");
                break;
            default:
                talk.Ask("VRFY x", "502 no");
                break;
        }

        talk.Over();
        Assert.Equal(reason, talk.Spans!["SMTP session"].GetTagItem("smtpproxy.trace.reason"));
    }

    [Fact]
    public void Exemplar_OfWhatMadeTheTrace_HasItsId()
    {
        using var talk = new Conversation(traces: BadOnly);
        var ids = new List<string?>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (i, l) =>
        {
            if (ReferenceEquals(i.Meter, talk.Meter) && i.Name == "smtpproxy.operation.duration")
            {
                l.EnableMeasurementEvents(i);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
            ids.Add(Activity.Current is { Recorded: true } a ? a.TraceId.ToHexString() : null));
        listener.Start();
        talk.Greet();
        Assert.All(ids, Assert.Null);
        ids.Clear();
        talk.Ask("VRFY x", "502 no").Ask("NOOP", "250 ok").Over();
        Assert.Equal(2, ids.Count);
        Assert.All(ids, id => Assert.Equal(talk.Spans!["SMTP session"].TraceId.ToHexString(), id));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Traces_BeyondTheCap_AreDroppedAndCounted()
    {
        using var talk = new Conversation(traces: new TelemetryOptions { SampleShare = 1, MaxTracesPerSecond = 2 });
        for (var i = 0; i < 3; i++)
        {
            talk.Begin();
            talk.Greet().Over();
        }

        // Lots take half of the cap, so that what goes wrong still finds room.
        Assert.Single(talk.Spans!.Of("SMTP session"));
        Assert.Equal(2, talk.Metrics.Sum("smtpproxy.traces.dropped", "smtpproxy.reason=head"));
    }

    [Fact]
    public void Others_AddAttributesEventsAndSpans()
    {
        using var talk = new Conversation(traces: BadOnly);
        talk.Greet();
        talk.Session.Trace.AddEvent("smtp.fault.injected", Conversation.Ticks(talk.Now),
            new KeyValuePair<string, object?>("smtpproxy.rule", "r"));
        talk.Session.Trace.SetAttribute("smtpproxy.diagnosis", "greylisting");
        talk.Session.Trace.AddSpan("TLS handshake", Conversation.Ticks(3), Conversation.Ticks(5), null);
        talk.Session.Trace.Keep(KeepReason.Fault, Conversation.Ticks(talk.Now));
        talk.Over();
        var root = talk.Spans!["SMTP session"];
        Assert.Equal("greylisting", root.GetTagItem("smtpproxy.diagnosis"));
        Assert.Equal("smtp.fault.injected", Assert.Single(root.Events).Name);
        Assert.Equal(2, talk.Spans["TLS handshake"].Duration.TotalMilliseconds);
    }

    [Fact]
    public void Fault_HeldTime_IsInTheSessionAndNotInTheRelaysSpans()
    {
        using var talk = new Conversation(traces: BadOnly);
        talk.Greet().Wait(1).Client("NOOP").Wait(2).Relay("250 ok");
        talk.Held.Held = Conversation.Ticks(1000);
        talk.Session.Injected(new FaultNote("slow", "delay", "noop", "none", 250, 250, null, TimeSpan.FromSeconds(1)));
        talk.Ask("QUIT", "221 bye").Over();
        var root = talk.Spans!["SMTP session"];
        Assert.Equal("fault", root.GetTagItem("smtpproxy.trace.reason"));
        Assert.Equal("smtp.fault.injected",
            Assert.Single(root.Events, e => e.Name.StartsWith("smtp.fault", StringComparison.Ordinal)).Name);
        Assert.Equal(talk.Line().GetProperty("duration_ms").GetDouble(), Math.Round(root.Duration.TotalMilliseconds, 3));
        Assert.True(root.Duration.TotalMilliseconds > 1000);
        Assert.All(talk.Spans.All.Where(s => s != root), s => Assert.True(s.Duration.TotalMilliseconds < 10, s.DisplayName));
        // What came behind the hold stands behind it.
        Assert.True(talk.Spans["SMTP QUIT"].StartTimeUtc > talk.Spans["SMTP NOOP"].StartTimeUtc.AddSeconds(1));
    }
}
