using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Telemetry.Clocks;

public sealed class DialogueClocksTests : IDisposable
{
    private const string Duration = "smtpproxy.operation.duration";
    private static readonly double Forwarding = Conversation.Forwarding / 1000;
    private readonly Conversation _talk = new();

    public void Dispose() => _talk.Dispose();

    [Fact]
    public void OperationDuration_OneMessage_IsForwardedToReplyRead()
    {
        _talk.Greet().Deliver().Ask("QUIT", "221 2.0.0 Bye").Over();
        Assert.Equal(
            ["connect 1", "greeting 2", "ehlo 4", "mail 1", "rcpt 1", "data 1", "body 5.5", "end_of_data 7", "quit 1"],
            _talk.Metrics[Duration].Select(s => $"{Operation(s)} {Math.Round(s.Value * 1000, 6)}"));
        Assert.All(_talk.Metrics[Duration], s => Assert.Equal(
            ["smtpproxy.listener=inbound", "smtpproxy.cluster=relays", "smtpproxy.destination=mx1"], s.Attributes.Skip(1)));
    }

    [Fact]
    public void OperationDuration_RefusedCommand_HasErrorType()
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "451 4.3.0 later").Over();
        Assert.Contains("error.type=451", _talk.Metrics.Single(Duration, "smtp.operation.name=mail").Attributes);
    }

    [Fact]
    public void OperationDuration_PipelinedCommands_IncludesTheQueueBefore()
    {
        _talk.Greet().Wait(1).Client("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>")
            .Wait(3).Relay("250 ok").Wait(4).Relay("250 ok").Over();
        Assert.Equal(.003, _talk.Metrics.Single(Duration, "smtp.operation.name=mail").Value, 9);
        // The reply to MAIL took 0.5 ms to forward in between.
        Assert.Equal(.007 + Forwarding, _talk.Metrics.Single(Duration, "smtp.operation.name=rcpt").Value, 9);
    }

    [Fact]
    public void OperationDuration_CommandInPieces_RunsFromItsLastOctet()
    {
        _talk.Greet().Wait(1).Pass(Leg.Client, "NO"u8.ToArray()).Wait(50).Client("OP").Wait(2).Relay("250 ok").Over();
        Assert.Equal(.002, _talk.Metrics.Single(Duration, "smtp.operation.name=noop").Value, 9);
    }

    [Fact]
    public void OperationDuration_ReplyInPieces_EndsWithItsLastLine()
    {
        _talk.Greet().Wait(1).Client("NOOP").Wait(2).Relay("250-a").Wait(2).Relay("250 b").Over();
        Assert.Equal(.004 + Forwarding, _talk.Metrics.Single(Duration, "smtp.operation.name=noop").Value, 9);
    }

    [Fact]
    public void OperationDuration_Auth_LeavesOutTheClientsThinkTime()
    {
        _talk.Greet().Wait(1).Client("AUTH LOGIN")
            .Wait(2).Relay("334 VXNlcm5hbWU6").Wait(100).Client("dGVzdA==")
            .Wait(3).Relay("334 UGFzc3dvcmQ6").Wait(200).Client("dGVzdA==")
            .Wait(4).Relay("235 2.7.0 ok").Over();
        // 2 + 3 + 4, and forwarding two challenges and two responses.
        Assert.Equal(.009 + (4 * Forwarding), _talk.Metrics.Single(Duration, "smtp.operation.name=auth").Value, 9);
    }

    [Fact]
    public void OperationDuration_Bdat_RunsFromTheChunksLastOctet()
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok")
            .Wait(1).Client("BDAT 6 LAST", "ab").Wait(30).Pass(Leg.Client, "cd"u8.ToArray()).Wait(6).Relay("250 2.0.0 ok").Over();
        Assert.Equal(.006, _talk.Metrics.Single(Duration, "smtp.operation.name=bdat").Value, 9);
    }

    [Fact]
    public void OperationDuration_BdatMovedUnseen_RunsFromTheLastPiece()
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Wait(1)
            .Client("BDAT 200000 LAST");
        foreach (var octets in (int[])[150_000, 50_000])
        {
            _talk.Wait(10).Session.Spliced(Leg.Client, octets, Conversation.Ticks(_talk.Now));
            _talk.Dialogue.Skip(Leg.Client, octets);
            _talk.Session.Settled(_talk.Dialogue, null, Conversation.Ticks(_talk.Now));
        }

        _talk.Wait(6).Relay("250 2.0.0 ok").Over();
        Assert.Equal(.006, _talk.Metrics.Single(Duration, "smtp.operation.name=bdat").Value, 9);
        Assert.Equal(200_000, _talk.Metrics.Single("smtpproxy.message.size").Value);
    }

    [Fact]
    public void OperationDuration_ReplyOfTheProxy_IsNotCounted()
    {
        _talk.Greet().Wait(1).Client("NOOP").Wait(1).Proxies("421 4.4.2 Timeout").Over(SmtpProxy.Telemetry.Facts.SessionOutcome.Timeout);
        Assert.DoesNotContain(_talk.Metrics[Duration], s => s.Has("smtp.operation.name=noop"));
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.replies", "smtp.operation.name=noop", "smtp.response.status_code=421",
            "smtpproxy.origin=proxy"));
    }

    [Fact]
    public void OperationDuration_ReplyBeforeEndOfData_StartsNoClock()
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go")
            .Wait(1).Client("half").Wait(1).Relay("552 5.3.4 too big").Wait(1).Client("rest", ".")
            .Over(SmtpProxy.Telemetry.Facts.SessionOutcome.ClientGone);
        Assert.DoesNotContain(_talk.Metrics[Duration], s => s.Has("smtp.operation.name=end_of_data"));
        Assert.DoesNotContain(_talk.Metrics[Duration], s => s.Has("smtp.operation.name=body"));
    }

    [Fact]
    public void OperationDuration_ManyBuffersBetween_FallsBackToWhenItWasRead()
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Wait(1).Client("RCPT TO:<b@example.net>");
        for (var i = 0; i < 20; i++)
        {
            _talk.Wait(1).Client("RCPT TO:<c@example.net>");
        }

        _talk.Wait(1).Relay("250 ok").Over();
        Assert.Equal(.021 + (21 * Forwarding), _talk.Metrics.Single(Duration, "smtp.operation.name=rcpt").Value, 9);
    }

    [Fact]
    public void DataReady_FirstGoAhead_IsGreetingForwardedToGoAheadRead()
    {
        _talk.Greet().Deliver().Deliver().Over();
        // EHLO 3+4, then three commands of 1+1 ms, each of these seven octets' ways forwarded but the last.
        Assert.Equal(.007 + .006 + (7 * Forwarding), _talk.Metrics.Single("smtpproxy.data_ready.duration").Value, 9);
    }

    [Fact]
    public void DataReady_PartsOfIt_AddUp()
    {
        _talk.Greet().Deliver().Ask("QUIT", "221 bye").Over();
        var relay = new[] { "ehlo", "mail", "rcpt", "data" }.Sum(o => _talk.Metrics.Sum(Duration, "smtp.operation.name=" + o));
        var client = _talk.Metrics["smtpproxy.client.think.duration"].Take(4).Sum(s => s.Value);
        // Seven buffers were forwarded between the two, the first reply not counted.
        Assert.Equal(_talk.Metrics.Single("smtpproxy.data_ready.duration").Value, relay + client + (7 * Forwarding), 9);
    }

    [Fact]
    public void ThinkDuration_PipelinedCommand_IsNotCounted()
    {
        _talk.Greet().Wait(9).Client("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>").Wait(1).Relay("250 ok", "250 ok").Over();
        Assert.Equal([.003, .009], _talk.Metrics["smtpproxy.client.think.duration"].Select(s => Math.Round(s.Value, 9)));
    }

    [Fact]
    public void Overhead_EachBuffer_IsReadToHandedOn()
    {
        _talk.Greet().Over();
        Assert.Equal(["smtpproxy.direction=to_client", "smtpproxy.direction=to_relay", "smtpproxy.direction=to_client"],
            _talk.Metrics["smtpproxy.overhead.duration"].SelectMany(s => s.Attributes));
        Assert.All(_talk.Metrics["smtpproxy.overhead.duration"], s => Assert.Equal(Forwarding, s.Value, 9));
    }

    [Fact]
    public void Overhead_BlockedWrite_IsNotOurs()
    {
        _talk.Greet().Wait(1).Pass(Leg.Client, "NOOP\r\n"u8.ToArray(), Leg.Relay).Over();
        Assert.Equal(3, _talk.Metrics["smtpproxy.overhead.duration"].Count);
    }

    private static string Operation(MetricsProbe.Sample sample) => sample.Attributes[0]["smtp.operation.name=".Length..];
}
