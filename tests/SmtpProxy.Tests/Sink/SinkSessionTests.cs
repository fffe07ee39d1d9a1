using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sink;
using SmtpProxy.Tests.Simulation;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sink;

public sealed class SinkSessionTests
{
    private const string Envelope = "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n";
    private readonly SinkSessions _sessions = new();
    private readonly SinkMailbox _mailbox = new(100, TimeProvider.System);

    [Fact]
    public void Received_AGroupOfCommands_IsAnsweredInOnePiece()
    {
        var session = Connect();
        session.Client.Awaits("220 ").Says("EHLO c\r\n").Awaits("250 HELP\r\n")
            .Says("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<550@x>\r\nDATA\r\n");
        session.Run();
        Assert.Equal(["220", "250", "250 2.1.0", "250 2.1.5", "550 5.1.1", "354"], SinkTalk.CodesOf(session.Client.Heard));
        Assert.Equal(3, Count(session.ToString(), "    Send "));
    }

    [Fact]
    public void Run_AnySeed_EveryCommandIsAnsweredInOrder()
    {
        const string Dialogue = Envelope
            + "DATA\r\nhi\r\n.\r\nMAIL FROM:<delay-1s@x>\r\nRCPT TO:<delay-2s-data@x>\r\nRCPT TO:<450@x>\r\nBDAT 4\r\nQUITBDAT 0 LAST\r\n" +
                "NOOP\r\nQUIT\r\n";
        for (var seed = 0; seed < 300; seed++)
        {
            var session = Connect(seed);
            session.Client.Says(Dialogue).Fin();
            session.RunToEnd();
            Assert.Equal(
                ["220", "250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "250 2.1.0", "250 2.1.5", "450 4.2.0", "250 2.0.0",
                    "250 2.0.0", "250 2.0.0", "221 2.0.0"],
                SinkTalk.CodesOf(session.Client.Heard));
            Assert.Equal(EndKind.Fin, session.Client.End);
            Assert.Equal(3, (int)session.Elapsed.TotalSeconds);
            Assert.Equal(0, _sessions.Count);
        }
    }

    [Fact]
    public void Received_AReplyIsDelayed_TheNextCommandsWaitUnread()
    {
        var session = Connect();
        session.Client.Says(Envelope + "RCPT TO:<delay-2s@x>\r\n").Awaits("250 2.1.0").Says("NOOP\r\n").Says("RSET\r\n");
        session.Pass(TimeSpan.FromSeconds(1.9));
        Assert.Equal(["220", "250", "250 2.1.0", "250 2.1.5"], SinkTalk.CodesOf(session.Client.Heard));
        session.Pass(TimeSpan.FromSeconds(0.2));
        Assert.Equal(["250 2.1.5", "250 2.0.0", "250 2.0.0"], SinkTalk.CodesOf(session.Client.Heard)[^3..]);
    }

    [Fact]
    public void Received_EachLmtpReplyIsDelayed_TheyComeOneByOne()
    {
        var session = Connect(isLmtp: true);
        session.Client.Says(
            "LHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<delay-1s-dot@x>\r\nRCPT TO:<delay-1s-dot+450-dot@x>\r\nDATA\r\n.\r\n");
        session.Run();
        Assert.Equal(["354", "250 2.0.0"], SinkTalk.CodesOf(session.Client.Heard)[^2..]);
        session.Pass(TimeSpan.FromSeconds(1.5));
        Assert.Equal(["354", "250 2.0.0", "250 2.0.0"], SinkTalk.CodesOf(session.Client.Heard)[^3..]);
        session.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(["250 2.0.0", "250 2.0.0", "450 4.2.0"], SinkTalk.CodesOf(session.Client.Heard)[^3..]);
    }

    [Theory]
    [InlineData("421@x", "250 2.1.5,421 4.3.2", EndKind.Fin)]
    [InlineData("drop@x", "250 2.1.5", EndKind.Fin)]
    [InlineData("delay-1s+drop@x", "250 2.1.5", EndKind.Fin)]
    [InlineData("reset@x", "250 2.1.5", EndKind.Reset)]
    public void Received_AnAddressAsksForAnEnd_NothingFollowsIt(string address, string last, EndKind end)
    {
        var session = Connect();
        session.Client.Says($"{Envelope}RCPT TO:<{address}>\r\nNOOP\r\n").Says("NOOP\r\n");
        session.Pass(TimeSpan.FromSeconds(2));
        var expected = last.Split(',');
        Assert.Equal(expected, SinkTalk.CodesOf(session.Client.Heard)[^expected.Length..]);
        Assert.Equal(["220", "250", "250 2.1.0"], SinkTalk.CodesOf(session.Client.Heard)[..3]);
        Assert.Equal(3 + expected.Length, SinkTalk.CodesOf(session.Client.Heard).Length);
        Assert.Equal(end, session.Client.End);
        session.RunToEnd();
        Assert.Equal(0, _sessions.Count);
    }

    [Fact]
    public void Received_TheClientTakesNothing_IsNotReadUntilItDoes()
    {
        const int Commands = 100_000;
        var session = Connect();
        session.Client.Window = 0;
        session.Client.Says(string.Concat(Enumerable.Repeat("NOOP\r\n", Commands)) + "QUIT\r\n");
        session.Run();
        Assert.InRange(session.Pair.Unsent(Leg.Client), 1, 16 * 1024);
        session.Client.Window = 100;
        session.Run();
        Assert.InRange(session.Pair.Unsent(Leg.Client), 1, 16 * 1024);
        session.Client.Window = null;
        session.RunToEnd();
        Assert.Equal(Commands + 2, SinkTalk.CodesOf(session.Client.Heard).Length);
    }

    [Fact]
    public void TimedOut_TheClientTakesNothingForFiveMinutes_IsReset()
    {
        var session = Connect();
        session.Client.Window = 0;
        session.RunToEnd();
        Assert.Equal(EndKind.Reset, session.Client.End);
        Assert.Equal(5, (int)session.Elapsed.TotalMinutes);
    }

    [Fact]
    public void TimedOut_TheClientIsSilentForFiveMinutes_Is421()
    {
        var session = Connect();
        session.Client.Awaits("220 ").Waits(TimeSpan.FromMinutes(4)).Says("EHLO c\r\n");
        session.RunToEnd();
        Assert.Equal(["220", "250", "421 4.4.2"], SinkTalk.CodesOf(session.Client.Heard));
        Assert.Equal(9, (int)session.Elapsed.TotalMinutes);
    }

    [Fact]
    public void TimedOut_AReplyIsDelayedForLonger_TheClientIsNotToBlame()
    {
        var session = Connect();
        session.Client.Says("EHLO c\r\nMAIL FROM:<delay-30m@x>\r\n").Awaits("250 2.1.0").Says("QUIT\r\n").Fin();
        session.RunToEnd();
        Assert.Equal(["220", "250", "250 2.1.0", "221 2.0.0"], SinkTalk.CodesOf(session.Client.Heard));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EHLO c\r\nMAIL FROM:<delay-1m@x>\r\nNOOP\r\n")]
    [InlineData(Envelope + "DATA\r\nin the middle")]
    public async Task StopAsync_ASession_Is421AndClosed(string before)
    {
        var session = Connect();
        session.Client.Says(before);
        session.Run();
        var stop = _sessions.StopAsync(CancellationToken.None);
        session.Run();
        Assert.Equal("421 4.3.2", SinkTalk.CodesOf(session.Client.Heard)[^1]);
        Assert.Equal(EndKind.Fin, session.Client.End);
        Assert.False(stop.IsCompleted);
        session.Client.Fin();
        session.Run();
        await stop;
        var late = Connect();
        late.Run();
        Assert.Equal(["421 4.3.2"], SinkTalk.CodesOf(late.Client.Heard));
    }

    [Fact]
    public async Task StopAsync_TimeIsUp_SessionsAreReset()
    {
        var session = Connect();
        session.Client.Window = 0;
        session.Run();
        await _sessions.StopAsync(new CancellationToken(canceled: true));
        session.Run();
        Assert.Equal(EndKind.Reset, session.Client.End);
        Assert.True(session.IsClosed);
    }

    [Fact]
    public void EveryEnd_AtEveryPoint_TheSessionCloses()
    {
        var replays = EveryEnd.Replay(
            () =>
            {
                var session = Connect(11);
                session.Client.Says(Envelope + "DATA\r\nhi\r\n.\r\nMAIL FROM:<delay-1s@x>\r\nBDAT 2\r\nxxRSET\r\nQUIT\r\n");
                return session;
            },
            (session, _) => Assert.True(session.IsClosed));
        Assert.InRange(replays, 20, 100_000);
    }

    private Simulation.Simulation Connect(int? seed = null, bool isLmtp = false)
    {
        var session = new SinkSession(new SinkOptions(), _mailbox, isLmtp, _sessions);
        return seed is { } value ? new Simulation.Simulation(session, value) : new Simulation.Simulation(session);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
