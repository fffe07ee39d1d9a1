using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Waits of RFC 5321 4.5.3.2, in virtual time.</summary>
public sealed class SessionTimeTests
{
    private static readonly TimeSpan Little = TimeSpan.FromSeconds(2);

    /// <summary>What the client says, one line each, and the relay answers; the relay is silent behind the last.</summary>
    public static TheoryData<string, double> RelayWaits => new()
    {
        { "", 5 },
        { "EHLO c", 5 },
        { "EHLO c|MAIL FROM:<a@b>", 5 },
        { "EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>", 5 },
        { "EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA", 2 },
        { "EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA|text\r\n.", 10 },
    };

    [Theory]
    [MemberData(nameof(RelayWaits))]
    public void Relay_Silent_ClientGets421AfterTheTimeOfThatReply(string said, double minutes)
    {
        var bed = Talk(said, answerLast: false);
        bed.Sim.Pass(TimeSpan.FromMinutes(minutes) - Little);
        Assert.DoesNotContain("421", bed.Sim.Client.Heard, StringComparison.Ordinal);

        bed.Sim.Pass(Little * 2);

        Assert.EndsWith("421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        bed.Sim.RunToEnd();
        Assert.Equal("timeout", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(1, bed.Limits(said.Length == 0 ? "greeting_timeout" : "reply_timeout"));
    }

    /// <summary>The client has had its 421: what the relay says after that answers nothing, and is no anomaly.</summary>
    [Fact]
    public void Relay_AnswersAfterThe421_IsNotHeard()
    {
        var bed = new SessionBed();
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Waits(TimeSpan.FromMinutes(6)).Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Waits(TimeSpan.FromMinutes(5) + Little).Says("250 mx\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("220 mx\r\n421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard);
        Assert.Equal(0, bed.Record.GetProperty("anomalies").GetArrayLength());
        Assert.Equal("timeout", bed.Record.GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("EHLO c", 5)]
    [InlineData("EHLO c|MAIL FROM:<a@b>", 5)]
    [InlineData("EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA", 3)]
    public void Client_Silent_Gets421AfterTheTimeOfThatWait(string said, double minutes)
    {
        var bed = Talk(said, answerLast: true);
        bed.Sim.Pass(TimeSpan.FromMinutes(minutes) - Little);
        Assert.Null(bed.Sim.Client.End);

        bed.Sim.Pass(Little * 2);

        Assert.EndsWith("421 4.4.2 Timeout: no command or data in time, closing the connection\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);

        // It does not close, and is not reset for it: it may only be late, and has that reply still to read.
        bed.Sim.RunToEnd();
        Assert.Equal("timeout", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(1, bed.Limits("idle_timeout"));
    }

    [Fact]
    public void Relay_SilentWhileTheClientTalksOn_IsStillTimedOut()
    {
        var bed = Talk("EHLO c|NOOP", answerLast: false);
        for (var minute = 1; minute <= 5; minute++)
        {
            bed.Sim.Pass(TimeSpan.FromMinutes(1));
            bed.Sim.Client.Says("NOOP\r\n");
        }

        bed.Sim.Pass(Little);

        Assert.Contains("421 4.4.2 Timeout: the relay", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 11, 2, false)]
    [InlineData(1, 4_000, 2.9, false)]
    [InlineData(1, 11, 2, true)]
    [InlineData(1, 1, 1.5 / 60, true)]
    public void Client_SendingABodySlowly_IsTimedOutWhereItIsSlowerThanMayBe(int rate, int octets, double minutes, bool isTooSlow)
    {
        var bed = Talk("EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA", answerLast: true, new SessionLimits { MinDataRate = rate });
        for (var piece = 0; piece < 30 / minutes && bed.Sim.Client.End is null; piece++)
        {
            bed.Sim.Client.Says(new string('x', octets));
            bed.Sim.Pass(TimeSpan.FromMinutes(minutes));
        }

        Assert.Equal(isTooSlow, bed.Sim.Client.End is not null);
        Assert.Equal(isTooSlow, bed.Sim.Client.Heard.EndsWith("421 4.4.2 Timeout: no command or data in time, closing the connection\r\n",
            StringComparison.Ordinal));
        Assert.True(bed.Sim.Elapsed > TimeSpan.FromMinutes(3));
        Assert.Equal((isTooSlow ? 1 : 0, 0), (bed.Limits("slow_data"), bed.Limits("idle_timeout")));
    }

    [Fact]
    public void Client_SilentInsideAChunk_HasTheTimeOfABlock()
    {
        var bed = Talk("EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>", answerLast: true);
        bed.Sim.Client.Says("BDAT 100 LAST\r\nabc");
        bed.Sim.Pass(TimeSpan.FromMinutes(3) - Little);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(Little * 2);
        Assert.Equal((EndKind.Fin, 1), (bed.Sim.Client.End, bed.Limits("idle_timeout")));
    }

    [Theory]
    [InlineData("EHLO c", "NOOP")]
    [InlineData("EHLO c|AUTH LOGIN", "dXNlcg==")]
    public void Client_DrippingALine_Gets421AfterTheTimeOfACommand(string said, string line)
    {
        var bed = Talk(said, answerLast: true, new SessionLimits { Command = TimeSpan.FromMinutes(1) });
        for (var octet = 0; octet < 39; octet++)
        {
            bed.Sim.Client.Says(line[(octet % 4)..][..1]);
            bed.Sim.Pass(TimeSpan.FromSeconds(1.5));
        }

        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Client.Says("x");
        bed.Sim.Pass(Little);
        Assert.EndsWith("421 4.4.2 Timeout: no command or data in time, closing the connection\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal((1, 0), (bed.Limits("command_timeout"), bed.Limits("idle_timeout")));
    }

    [Fact]
    public void Client_SendingOneCommandAfterTheOther_HasTheTimeForEach()
    {
        var bed = Talk("EHLO c", answerLast: true, new SessionLimits { Command = TimeSpan.FromMinutes(1) });
        bed.Sim.Client.Says("NO");
        for (var command = 0; command < 10; command++)
        {
            bed.Sim.Pass(TimeSpan.FromSeconds(55));
            bed.Sim.Client.Says("OP\r\nNO");
            bed.Sim.Pass(Little);
            bed.Sim.Relay.Says("250 ok\r\n");
        }

        Assert.Null(bed.Sim.Client.End);
    }

    [Fact]
    public void Relay_DrippingAReply_IsTimedOutWhenTheTimeIsUpAgain()
    {
        var bed = Talk("EHLO c|NOOP", answerLast: false);
        bed.Sim.Pass(TimeSpan.FromMinutes(4));
        bed.Sim.Relay.Says("250-");
        for (var minute = 0; minute < 4; minute++)
        {
            bed.Sim.Pass(TimeSpan.FromMinutes(1));
            bed.Sim.Relay.Says("x\r\n250-");
        }

        bed.Sim.Pass(TimeSpan.FromMinutes(1) - Little);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(Little * 2);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    [Fact]
    public void Relay_AnsweringForEachRecipient_HasTheTimeForEach()
    {
        var bed = Talk("LHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|RCPT TO:<g@h>|DATA|text\r\n.", answerLast: false);
        for (var recipient = 0; recipient < 2; recipient++)
        {
            bed.Sim.Pass(TimeSpan.FromMinutes(9));
            bed.Sim.Relay.Says("250 ok\r\n");
        }

        bed.Sim.Pass(TimeSpan.FromMinutes(9));
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(TimeSpan.FromMinutes(1) + Little);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    [Fact]
    public void Reply_HalfSaid_IsNotMixedWithOurs()
    {
        var bed = Talk("EHLO c|NOOP", answerLast: false);
        bed.Sim.Relay.Says("250-half a rep");
        bed.Sim.Pass(TimeSpan.FromMinutes(5) + Little);

        Assert.EndsWith("250-half a rep", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    [Fact]
    public void Reader_TakesNothing_IsResetAfterTheWriteTime()
    {
        var bed = Talk("EHLO c", answerLast: true);
        bed.Sim.Client.Window = 0;
        bed.Sim.Relay.Says("250 more than it takes\r\n");

        bed.Sim.Pass(TimeSpan.FromMinutes(3) - Little);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(Little * 2);

        Assert.Equal(EndKind.Reset, bed.Sim.Client.End);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.Equal("timeout", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(1, bed.Limits("write_timeout"));
    }

    [Fact]
    public void Reader_TakesALittleNowAndThen_IsLeftAlone()
    {
        var bed = Talk("EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA", answerLast: true);
        bed.Sim.Relay.Window = 100;
        bed.Sim.Client.Says(Dialogues.Body(4_000));
        for (var minute = 0; minute < 20; minute++)
        {
            bed.Sim.Pass(TimeSpan.FromMinutes(1));
            bed.Sim.Relay.Window += 20;
        }

        Assert.Null(bed.Sim.Relay.End);
        Assert.Null(bed.Sim.Client.End);
    }

    [Fact]
    public void Relay_TakesNothingOfABody_ClientGets421()
    {
        var bed = Talk("EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA", answerLast: true);
        bed.Sim.Relay.Window = 100;
        bed.Sim.Client.Says(Dialogues.Body(4_000));

        bed.Sim.Pass(TimeSpan.FromMinutes(7));

        Assert.Contains("421 4.4.2", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.Equal(1, bed.Limits("write_timeout"));
    }

    [Fact]
    public void Opaque_SilentBothWays_IsResetAfterItsTime()
    {
        var bed = new SessionBed();
        bed.Sim.Client.Says("\u0016\u0003\u0001\u0000\u0020\u0001\u0000\u0000\u001c like a ClientHello");

        bed.Sim.Pass(TimeSpan.FromMinutes(10) - Little);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(Little * 2);

        Assert.NotNull(bed.Sim.Client.End);
        Assert.Equal(("", 1), (bed.Sim.Client.Heard, bed.Limits("idle_timeout")));
    }

    [Fact]
    public void HalfClosed_OtherDirectionSilent_EndsAfterItsTime()
    {
        var bed = Talk("EHLO c", answerLast: true);
        bed.Sim.Relay.Fin();

        bed.Sim.Pass(TimeSpan.FromMinutes(5) + (Little * 5));

        Assert.True(bed.Sim.IsClosed);
        Assert.Equal("relay_gone", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>Nobody stops: it is not told so.</summary>
    [Fact]
    public void Client_ThatHalfClosedAndIsNotLeft_IsResetAfterItsTime()
    {
        var bed = Talk("EHLO c", answerLast: true, new SessionLimits { HalfClosed = TimeSpan.FromMinutes(1) });
        bed.Sim.Client.Fin();
        bed.Sim.Pass(TimeSpan.FromMinutes(1) - Little);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(Little * 2);
        Assert.Equal((EndKind.Reset, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.EndsWith("250 ok\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    private static SessionBed Talk(string said, bool answerLast, SessionLimits? limits = null)
    {
        var bed = new SessionBed(limits);
        var lines = said.Length == 0 ? [] : said.Split('|');
        if (lines.Length > 0)
        {
            bed.Sim.Relay.Says("220 ready\r\n");
            bed.Sim.Client.Awaits("220 ready\r\n");
        }

        for (var n = 0; n < lines.Length; n++)
        {
            bed.Sim.Client.Says(lines[n] + "\r\n");
            if (n < lines.Length - 1 || answerLast)
            {
                var reply = lines[n] switch { "DATA" => "354 go\r\n", "AUTH LOGIN" => "334 \r\n", _ => "250 ok\r\n" };
                bed.Sim.Relay.Awaits(lines[n] + "\r\n").Says(reply);
                bed.Sim.Client.Awaits(reply);
            }
        }

        bed.Sim.Run();
        return bed;
    }
}
