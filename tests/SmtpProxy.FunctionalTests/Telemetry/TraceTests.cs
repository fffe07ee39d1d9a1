using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>What a real receiver gets: whole traces, by both protocols, and logs and metrics beside them.</summary>
public sealed class TraceTests
{
    [SkippableTheory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Traces_OfAGoodAndAFailedSession_ArriveWhole(string protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, receiver.Environment(protocol),
            "--SmtpProxy:Telemetry:SampleShare=1");
        await TalkAsync(proxy, "EHLO c", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA",
            "Subject: hi\r\n\r\nsecret-body\r\n.", "QUIT");
        await TalkAsync(proxy, "EHLO c", "AUTH PLAIN AHNlY3JldC11c2VyAHNlY3JldC1wYXNz", "MAIL FROM:<a@example.org>",
            "RCPT TO:<550-5.1.1@example.org>", "RSET", "QUIT");
        var records = await proxy.JournalAsync(2);

        // A proxy that ends has pushed everything.
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        var traces = await receiver.TracesAsync();
        Assert.Equal(records.Select(static r => r.GetProperty("trace_id").GetString()).Order(), traces.Keys.Order());
        AssertGood(traces[records[0].GetProperty("trace_id").GetString()!], records[0].GetProperty("session").GetString());
        AssertFailed(traces[records[1].GetProperty("trace_id").GetString()!]);
        Assert.All(traces.Values, AssertTimes);
        Assert.All(traces.Values, static trace => Assert.DoesNotContain("secret", trace.ToString(), StringComparison.OrdinalIgnoreCase));
        Assert.All(traces.Values, static trace => Assert.DoesNotContain("AHNlY3JldC", trace.ToString(), StringComparison.Ordinal));
        var (logs, series) = await receiver.CountsAsync();
        Assert.True(logs > 0 && series > 20, $"{logs} logs, {series} series");
    }

    private static void AssertGood(Trace trace, string? session)
    {
        Assert.Equal(("SMTP session", "SERVER", false), (trace.Root.Name, trace.Root.Kind, trace.Root.IsError));
        Assert.Equal(session, trace.Root["smtpproxy.session"]);
        Assert.Equal(("inbound", "relays", "sink", "quit"),
            (trace.Root["smtpproxy.listener"], trace.Root["smtpproxy.cluster"], trace.Root["smtpproxy.destination"],
                trace.Root["smtpproxy.outcome"]));
        Assert.Equal(["TCP connect", "SMTP greeting", "SMTP EHLO", "SMTP transaction", "SMTP QUIT"], trace.Below(trace.Root));
        var transaction = trace.One("SMTP transaction");
        Assert.Equal(["SMTP MAIL", "SMTP RCPT", "SMTP DATA", "SMTP body", "SMTP end-of-data"], trace.Below(transaction));
        Assert.Equal(("INTERNAL", "accepted"), (transaction.Kind, transaction["smtpproxy.outcome"]));
        Assert.Equal(("CLIENT", "354"), (trace.One("SMTP DATA").Kind, trace.One("SMTP DATA")["smtp.response.status_code"]));
        Assert.DoesNotContain(trace.Spans, static s => s.IsError);
    }

    private static void AssertFailed(Trace trace)
    {
        Assert.True(trace.Root.IsError);
        Assert.Equal(["TCP connect", "SMTP greeting", "SMTP EHLO", "SMTP AUTH", "SMTP transaction", "SMTP RSET", "SMTP QUIT"],
            trace.Below(trace.Root));
        Assert.Equal(["EHLO 250", "AUTH 235", "MAIL 250", "RCPT 550", "RSET 250", "QUIT 221"], trace.Root.Transcript);
        Assert.Equal(("550", true), (trace.One("SMTP RCPT")["smtp.response.status_code"], trace.One("SMTP RCPT").IsError));
        Assert.True(trace.One("SMTP transaction").IsError);
    }

    /// <summary>Each span lies within its parent.</summary>
    private static void AssertTimes(Trace trace)
    {
        // The receiver keeps milliseconds in doubles.
        const double Rounding = 0.01;
        foreach (var span in trace.Spans.Where(static s => s.Parent is not null))
        {
            var parent = Assert.Single(trace.Spans, s => s.Id == span.Parent);
            Assert.InRange(span.Start, parent.Start - Rounding, span.End + Rounding);
            Assert.InRange(span.End, span.Start, parent.End + Rounding);
        }
    }

    private static async Task TalkAsync(ProxyProcess proxy, params string[] commands)
    {
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            foreach (var command in commands)
            {
                await client.SayAsync(command);
            }
        }
    }
}
