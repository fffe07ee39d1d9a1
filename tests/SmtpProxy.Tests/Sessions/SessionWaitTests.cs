using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Who is waited for after a leg took nothing for a while, after TLS, and after what was moved or waited elsewhere.</summary>
public sealed class SessionWaitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly SessionLimits Short = new()
    {
        Reply = 20 * Second, ClientIdle = 30 * Second, Write = 10 * Second, OpaqueIdle = 300 * Second, DataBlock = 60 * Second,
    };

    /// <summary>A client that took nothing for a while, and all of it then, is not late at that any more.</summary>
    [Fact]
    public void Client_ThatTakesAllAfterAWhile_HasItsWholeTimeForTheNextCommand()
    {
        var bed = Blocked("250 ok\r\n");
        bed.Sim.Pass(5 * Second);
        bed.Sim.Client.Window = int.MaxValue;
        bed.Sim.Pass(28 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(4 * Second);
        Assert.Equal((EndKind.Fin, 1, 0), (bed.Sim.Client.End, bed.Limits("idle_timeout"), bed.Limits("write_timeout")));
    }

    /// <summary>And whoever is silent then is who is late.</summary>
    [Fact]
    public void Relay_SilentAfterTheClientTookAllAgain_IsWhoIsLate()
    {
        var bed = Blocked("250 ok\r\n");
        bed.Sim.Pass(5 * Second);
        bed.Sim.Client.Window = int.MaxValue;
        bed.Sim.Pass(Second);
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Pass(22 * Second);
        Assert.Equal((1, 0), (bed.Limits("reply_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>The relay breaks off in a reply, of which the client took a part only later.</summary>
    [Fact]
    public void Relay_SilentInAReplyThatTheClientTookLate_IsWhoIsLate()
    {
        var bed = Blocked("250-one\r\n", "250-two\r\n");
        bed.Sim.Pass(5 * Second);
        bed.Sim.Client.Window = int.MaxValue;
        bed.Sim.Pass(22 * Second);
        Assert.Equal((1, 0), (bed.Limits("reply_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>It is the client that does not take what it is told, whatever else it might be late with.</summary>
    [Fact]
    public void Client_ThatTakesNothing_IsLateAtThat_AndAtNothingElse()
    {
        var bed = Blocked("250 ok\r\n", limits: Short with { Write = 60 * Second });
        bed.Sim.Pass(58 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(4 * Second);
        Assert.Equal((EndKind.Reset, 1, 0), (bed.Sim.Client.End, bed.Limits("write_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>A client that takes a little has its time again, and is reset when it takes nothing in that.</summary>
    [Fact]
    public void Client_ThatTakesALittleAndThenNothing_IsResetAfterItsTime()
    {
        var bed = Blocked("250 a reply of which it takes a little\r\n");
        bed.Sim.Pass(9 * Second);
        bed.Sim.Client.Window += 5;
        bed.Sim.Pass(9 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(4 * Second);
        Assert.Equal((EndKind.Reset, 1), (bed.Sim.Client.End, bed.Limits("write_timeout")));
    }

    /// <summary>A session that is ended while its client takes nothing reads its relay all the same, so that this can close.</summary>
    [Fact]
    public void Stop_WhileTheClientTakesNothing_RelayIsReadToItsEnd()
    {
        var bed = Blocked("250 a\r\n", limits: Short with { Write = 600 * Second }, commands: 2);
        bed.Sim.Run();
        Assert.True(bed.Sim.Pair.RelayLeg.IsPaused);
        bed.Host.DrainAsync(5 * Second);
        bed.Sim.Pass(6 * Second);
        Assert.Equal((false, EndKind.Fin), (bed.Sim.Pair.RelayLeg.IsPaused, bed.Sim.Relay.End));
    }

    /// <summary>What it has not taken is nothing that it should take now: it is reset at once.</summary>
    [Fact]
    public void Relay_ThatTakesNothing_IsResetWhenItsTimeIsUp()
    {
        var bed = new SessionBed(Short);
        bed.Sim.Client.Awaits("220 mx\r\n");
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Run();
        bed.Sim.Relay.Window = 0;
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Pass(12 * Second);
        Assert.False(bed.Sim.IsClosed);
        Assert.Equal((EndKind.Reset, EndKind.Fin), (bed.Sim.Relay.End, bed.Sim.Client.End));
    }

    /// <summary>While the relay takes nothing of a message, the client is not late with it.</summary>
    [Fact]
    public void Relay_ThatTakesNothingOfAMessage_HasItsTimeForThat_AndNotTheClients()
    {
        var bed = new SessionBed(Short with { DataBlock = 5 * Second, Write = 60 * Second });
        bed.Sim.Client.Awaits("220 mx\r\n").Says("DATA\r\n").Awaits("354 go\r\n").Says("one\r\n");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Says("354 go\r\n").Awaits("one\r\n");
        bed.Sim.Run();
        bed.Sim.Relay.Window = 0;
        bed.Sim.Client.Says("two\r\n");
        bed.Sim.Pass(50 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(12 * Second);
        Assert.Equal((EndKind.Fin, 1, 0), (bed.Sim.Client.End, bed.Limits("write_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>Who takes its last words late has done all that it had to: nothing is waited for any more.</summary>
    [Fact]
    public void Client_ThatTakesItsLastWordsLate_IsLateWithNothingElse()
    {
        var bed = Blocked("250 a\r\n", limits: Short with { Write = 600 * Second, ClientIdle = Second });
        bed.Sim.Run();
        bed.Host.DrainAsync(5 * Second);
        bed.Sim.Pass(Second);
        bed.Sim.Client.Window = int.MaxValue;
        bed.Sim.Pass(3 * Second);
        Assert.EndsWith("250 a\r\n421 4.3.2 Service is restarting, please try again\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((EndKind.Fin, 0), (bed.Sim.Client.End, bed.Limits("idle_timeout")));
    }

    /// <summary>Nobody is late while a fault holds what he waits for, and has his whole time after that.</summary>
    [Fact]
    public void Relay_SilentAfterACommandWasHeldForLong_IsLateAfterItsWholeTime()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = 50 * Second);
        var bed = new SessionBed(Short, faults: faults);
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n");
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Pass(49 * Second);
        Assert.Equal("", bed.Sim.Relay.Heard);
        bed.Sim.Pass(19 * Second);
        Assert.Equal(("NOOP\r\n", null), (bed.Sim.Relay.Heard, bed.Sim.Client.End));
        bed.Sim.Pass(4 * Second);
        Assert.Equal((EndKind.Fin, 1), (bed.Sim.Client.End, bed.Limits("reply_timeout")));
    }

    /// <summary>A stop gives no time to a session whose end has begun.</summary>
    [Fact]
    public void Stop_AfterTheEndHasBegun_PutsNothingOff()
    {
        var bed = new SessionBed(Short);
        bed.Sim.Client.Awaits("220 mx\r\n");
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Pass(31 * Second);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        bed.Host.DrainAsync(300 * Second);
        bed.Sim.Pass(6 * Second);
        Assert.True(bed.Sim.IsClosed);
        Assert.Equal("timeout", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>In AUTH each reply is waited for anew, though all of them are of one command.</summary>
    [Fact]
    public void Relay_SilentAfterASaslResponse_IsWhoIsLate()
    {
        var bed = new SessionBed(Short);
        bed.Sim.Client.Awaits("220 mx\r\n").Says("AUTH LOGIN\r\n").Awaits("334 a\r\n").Says("dXNlcg==\r\n");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("AUTH LOGIN\r\n").Says("334 a\r\n");
        bed.Sim.Pass(22 * Second);
        Assert.EndsWith("334 a\r\n421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal((1, 0), (bed.Limits("reply_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>The time in which the relay was waited for is not the client's.</summary>
    [Fact]
    public void Client_InAChunk_AfterTheReplyToTheOneBefore_HasTheTimeOfABlock()
    {
        var bed = new SessionBed(Short with { Reply = 120 * Second });
        bed.Sim.Client.Awaits("220 mx\r\n").Says("BDAT 4\r\nab").Waits(30 * Second).Says("cdBDAT 4 LAST\r\nef").Waits(100 * Second)
            .Says("gh").Awaits("250 two\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("ef").Waits(50 * Second).Says("250 one\r\n").Awaits("gh").Says("250 two\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n250 one\r\n250 two\r\n221 bye\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>Inside TLS the client has the time that it has for a command, not that of a session that nobody can follow.</summary>
    [Fact]
    public void Client_SilentInsideTls_IsLateAfterTheTimeOfACommand()
    {
        var bed = new SessionBed(Short, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls },
            relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 ").Awaits("\r\n").Says("STARTTLS\r\n").Awaits("220 ")
            .Awaits("\r\n").Shakes();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n");
        bed.Sim.Pass(28 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(4 * Second);
        Assert.Equal((EndKind.Fin, 1), (bed.Sim.Client.End, bed.Limits("idle_timeout")));
    }

    /// <summary>What is moved without being shown is no silence.</summary>
    [Fact]
    public void Client_WhoseChunkIsMoved_HasItsTimeAgainAfterEachPiece()
    {
        var bed = InChunk(500_000, new SessionLimits { DataBlock = 60 * Second });
        for (var piece = 0; piece < 5; piece++)
        {
            bed.Sim.Pass(40 * Second);
            bed.Sim.Client.Says(new byte[100_000]);
        }

        bed.Sim.Client.Awaits("250 queued\r\n").Fin();
        bed.Sim.Relay.Says("250 queued\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 queued\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(0, bed.Limits("idle_timeout") + bed.Limits("slow_data"));
    }

    /// <summary>Nothing is moved past octets that wait.</summary>
    [Fact]
    public void Chunk_ForARelayThatTakesNothing_IsNotMoved()
    {
        var bed = InChunk(0, new SessionLimits());
        bed.Sim.Run();
        bed.Sim.Relay.Window = 5;
        bed.Sim.Client.Says("BDAT 200000 LAST\r\n");
        bed.Sim.Run();
        Assert.Equal(0, bed.Sim.Pair.ClientLeg.Splice);
    }

    /// <summary>The client got something of the greeting that was none: no other relay can greet it any more.</summary>
    [Fact]
    public void Relay_LeavingAfterAFaultHasSpoiltItsGreeting_IsNotExchanged()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Greeting,
            static s => s.Reply = static _ => [new ReplyStep.Say("garbage\r\n"u8.ToArray())]);
        var bed = new SessionBed(relays: 2, faults: faults);
        bed.Sim.Relays(0).Says("220 mx\r\n").Waits(Second).Fin();
        bed.Sim.Relays(1).Says("220 other\r\n");
        bed.Sim.Client.Awaits("garbage\r\n").Waits(5 * Second).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(("garbage\r\n", EndKind.Fin), (bed.Sim.Client.Heard, bed.Sim.Client.End));
        Assert.Single(bed.Sim.Dials.Targets);
    }

    /// <summary>Rules that change say nothing of the client, and give it no time.</summary>
    [Fact]
    public void Client_SilentWhileRulesChange_IsLateAllTheSame()
    {
        var faults = new FakeFaults();
        var bed = new SessionBed(Short, faults: faults);
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n").Awaits("250 ok\r\n");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 ok\r\n");
        bed.Sim.Pass(20 * Second);
        faults.Change();
        bed.Sim.Pass(12 * Second);
        Assert.Equal((EndKind.Fin, 1), (bed.Sim.Client.End, bed.Limits("idle_timeout")));
    }

    /// <summary>With faults enabled and no rule armed the end of the client's direction goes to the relay, as without.</summary>
    [Fact]
    public void Client_ThatHalfClosesWhileNoRuleIsArmed_RelayHearsTheEnd()
    {
        var bed = new SessionBed(faults: new FakeFaults { IsArmed = false });
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Run();
        Assert.Equal(("NOOP\r\n", EndKind.Fin), (bed.Sim.Relay.Heard, bed.Sim.Relay.End));
    }

    /// <summary>After one command the client takes nothing more; the relay answers.</summary>
    private static SessionBed Blocked(string first, string? then = null, SessionLimits? limits = null, int commands = 1)
    {
        var bed = new SessionBed(limits ?? Short);
        bed.Sim.Client.Awaits("220 mx\r\n").Says(string.Concat(Enumerable.Repeat("NOOP\r\n", commands)));
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Run();
        if (then is not null)
        {
            bed.Sim.Relay.Says(first);
            bed.Sim.Run();
        }

        bed.Sim.Client.Window = 0;
        bed.Sim.Relay.Says(then ?? first);
        return bed;
    }

    private static SessionBed InChunk(int size, SessionLimits limits)
    {
        var bed = new SessionBed(limits);
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("CHUNKING\r\n").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
            .Awaits("250 c\r\n").Says(size > 0 ? $"BDAT {size} LAST\r\n" : "");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n").Awaits("RCPT TO:<c@d>\r\n")
            .Says("250 a\r\n250 c\r\n");
        return bed;
    }
}
