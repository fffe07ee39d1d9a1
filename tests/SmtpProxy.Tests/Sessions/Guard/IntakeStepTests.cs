using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>What goes to the relay with each thing that comes of the client, and what waits.</summary>
public sealed class IntakeStepTests
{
    private readonly GuardBench _bench = new();

    private Intake Intake => _bench.Intake;

    [Fact]
    public void Octets_ThatGoOnTogether_AreOneWrite() => Assert.Equal("> NOOP|RSET|  ", _bench.Says("NOOP\r\nRSET\r\n  "));

    /// <summary>What some relays skip before a verb says nothing of it, and need not wait.</summary>
    [Fact]
    public void Blanks_BeforeAVerb_GoOnAtOnce_AndTheVerbWhenItIsKnown()
    {
        Assert.Equal(">  \t", _bench.Says(" \t"));
        Assert.Equal("> \r ", _bench.Says("\r "));
        Assert.Equal("> \v", _bench.Says("\v"));
        Assert.Equal("", _bench.Says("XCLI"));
        Assert.Equal("", _bench.Says("ENT A\r\n"));
        Assert.True(Intake.ReadOn(_bench.To));
        Assert.Equal((true, ""), (_bench.Commands.IsOwnDue, _bench.Told()));
    }

    [Fact]
    public void End_WithNothingBeforeIt_GoesOnAtOnce_AndOnce()
    {
        Intake.Shut(_bench.To);
        Assert.Equal("> fin", _bench.Told());
        Intake.ShutIfDone(_bench.To);
        Assert.Equal("", _bench.Told());
    }

    /// <summary>What has gone with the end is still understood when the reply comes that says what it is.</summary>
    [Fact]
    public void End_BehindWhatWaitsForAReply_TakesItAlong_AndItIsUnderstoodLater()
    {
        Assert.Equal("> DATA|", _bench.Says("DATA\r\nXCL"));
        Intake.Shut(_bench.To);
        Assert.Equal("> XCL; > fin", _bench.Told());
        _bench.Hears("354 go\r\n");
        Assert.True(Intake.ReadOn(_bench.To));
        Assert.Equal(("", true, ClientPhase.Data), (_bench.Told(), Intake.IsEmpty, _bench.Speech.Phase));
    }

    /// <summary>What may not go is not kept for ever: nothing comes any more that could decide about it.</summary>
    [Fact]
    public void End_BehindWhatMayNotGo_GoesOnWithoutIt_AndNothingWaits()
    {
        Assert.Equal("", _bench.Says("XCLIENT"));
        Intake.Shut(_bench.To);
        Assert.Equal(("> fin", true), (_bench.Told(), Intake.IsEmpty));
    }

    /// <summary>What comes after octets that wait may not be moved past them; nor anything once nothing goes to the relay.</summary>
    [Fact]
    public void Octets_ThatWait_AreNotOvertakenByWhatIsMoved()
    {
        var bench = new GuardBench(GuardedWords.StartTls);
        bench.Says("BDAT 200000 LAST\r\nab");
        Assert.True(bench.Intake.MaySplice);
        bench.Intake.IsBehind = true;
        bench.Says("cd");
        Assert.False(bench.Intake.MaySplice);
        bench.Intake.IsBehind = false;
        Assert.True(bench.Intake.ReadOn(bench.To));
        Assert.True(bench.Intake.MaySplice);
        bench.Intake.End();
        Assert.False(bench.Intake.MaySplice);
    }

    /// <summary>Between the 220 and TLS nothing of the client counts (RFC 3207, section 4.2), inside it neither.</summary>
    [Fact]
    public void Octets_InTheClear_AfterStartTlsWasGranted_AreDropped()
    {
        var bench = new GuardBench(GuardedWords.StartTls, ListenerTlsMode.StartTls);
        bench.Says("STARTTLS\r\n");
        bench.Talk.Grant();
        Assert.False(bench.Talk.WasDenied("220 go\r\n"u8));
        Assert.True(bench.Talk.IsUnderWay);
        Assert.Equal(("", true), (bench.Says("MAIL FROM:<evil@b>\r\n"), bench.Intake.IsEmpty));
        bench.Talk.ClientShook(succeeded: true);
        Assert.False(bench.Intake.ReadOn(bench.To));
    }

    /// <summary>A relay that goes while it shakes hands leaves no STARTTLS that is under way.</summary>
    [Fact]
    public void Relay_ThatGoesWhileItShakesHands_EndsThat()
    {
        var talk = new GuardBench(GuardedWords.StartTls, ListenerTlsMode.StartTls).Talk;
        talk.Relay = RelayTls.Default("relay.example") with { Mode = RelayTlsMode.AsClient };
        talk.RelayGranted("220 go\r\n"u8.ToArray());
        Assert.Equal((true, true), (talk.RelayShakes, talk.IsUnderWay));
        talk.RelayGone();
        Assert.Equal((false, false), (talk.RelayShakes, talk.IsUnderWay));
    }

    [Fact]
    public void ReadOn_ThatUnderstandsWhatWaited_IsToldOnce_AndOneThatDoesNot_Never()
    {
        _bench.Says("XCL");
        Assert.False(Intake.ReadOn(_bench.To));
        Assert.False(Intake.TakeReadOn());

        _bench.Says("X\r\n");
        Assert.True(Intake.ReadOn(_bench.To));
        Assert.Equal((true, false), (Intake.TakeReadOn(), Intake.TakeReadOn()));

        _bench.Hears("500 what\r\n");
        _bench.Says("DATA\r\nhi\r\n");
        _bench.Hears("354 go\r\n");
        Assert.True(Intake.ReadOn(_bench.To));
        Assert.Equal((true, false), (Intake.TakeReadOn(), Intake.TakeReadOn()));
    }

    /// <summary>The relay says no more: nobody is answered, whatever comes of the client.</summary>
    [Fact]
    public void Command_AfterTheRelaysEnd_IsNotAnswered_AndOneForTheNextRelayIs()
    {
        Intake.RelayEnded(true);
        _bench.Says("XCLIENT A\r\n");
        Assert.False(_bench.Commands.IsOwnDue);
        _bench.Hears("550 no\r\n");
        Intake.RelayEnded(false);
        _bench.Says("XCLIENT A\r\n");
        Assert.True(_bench.Commands.IsOwnDue);
        Assert.Equal("", _bench.Told());
    }

    /// <summary>What is forgotten is never read, whatever comes: of what has gone on only the gist is there.</summary>
    [Fact]
    public void Octets_ThatAreForgottenAfterTheRelaysEnd_AreNotReadAnyMore()
    {
        _bench.Says("DATA\r\n");
        Intake.RelayEnded(true);
        _bench.Says(string.Concat(Enumerable.Repeat("Subject: x\r\n", 3_000)) + "and");
        Assert.Equal((false, false), (Intake.IsOver, Intake.IsEmpty));
        _bench.Hears("354 go\r\n");
        Assert.False(Intake.ReadOn(_bench.To));
    }

    /// <summary>What can never go on is not kept without bound: nothing of the client goes on any more.</summary>
    [Theory]
    [InlineData(16 * 1024 - 11, false)]
    [InlineData(16 * 1024, true)]
    public void Octets_ThatCannotGoOnAfterTheRelaysEnd_AreDroppedWhereThereAreTooMany(int more, bool isOver)
    {
        _bench.Says("DATA\r\n");
        Intake.RelayEnded(true);
        Assert.Equal("", _bench.Says("XCLIENT A\r\n" + new string('y', more)));
        Assert.Equal((isOver, isOver, 0), (Intake.IsOver, Intake.IsEmpty, Intake.Backlog));
    }

    /// <summary>What waits for a reply when the session is ended waits no more, though that reply comes.</summary>
    [Fact]
    public void Words_ThatWaitWhenTheSessionIsEnded_GoNowhere()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("AUTH PLAIN\r\n").Waits(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(2))
            .Says("535 no\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("AUTH PLAIN\r\nXCLIENT ADDR=192.0.2.1\r\nNOOP\r\n");
        bed.Sim.Run();
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        bed.Sim.RunToEnd();
        Assert.Equal("AUTH PLAIN\r\n", bed.Sim.Relay.Heard);
        Assert.Equal("220 mx\r\n421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>A relay that is told of a client's end before it has answered may not answer.</summary>
    [Theory]
    [InlineData("XCLIENT A", "")]
    [InlineData("XCLIENT A\r\n", "")]
    [InlineData("NOOP\r\nXCLIENT A\r\nNO", "NOOP\r\nNO")]
    public void End_BehindWordsThatWait_GoesAfterThem(string words, string heard)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("AUTH PLAIN\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("AUTH PLAIN\r\n" + words).Fin();
        bed.Sim.Run();
        Assert.Null(bed.Sim.Relay.End);
        bed.Sim.Relay.Says("535 no\r\n");
        bed.Sim.Run();
        Assert.Equal(("AUTH PLAIN\r\n" + heard, EndKind.Fin), (bed.Sim.Relay.Heard, bed.Sim.Relay.End));
    }

    /// <summary>What waits only because its client does not listen goes on when it does, and the end after it.</summary>
    [Fact]
    public void End_BehindACommandOfAClientThatDoesNotListen_GoesAfterIt()
    {
        Intake.IsBehind = true;
        Assert.Equal("", _bench.Says("NOOP\r\n"));
        Intake.Shut(_bench.To);
        Assert.Equal("", _bench.Told());
        Intake.IsBehind = false;
        Assert.True(Intake.ReadOn(_bench.To));
        Intake.ShutIfDone(_bench.To);
        Assert.Equal("> NOOP|; > fin", _bench.Told());
    }

    /// <summary>Half of a 220 is none yet, and no denial.</summary>
    [Fact]
    public void Grant_ThatIsToldInPieces_IsNoDenial()
    {
        var bench = new GuardBench(GuardedWords.StartTls, ListenerTlsMode.StartTls);
        bench.Says("STARTTLS\r\n");
        bench.Talk.Grant();
        Assert.Equal((false, false), (bench.Talk.WasDenied("22"u8), bench.Talk.WasDenied("0 go\r\n"u8)));
        Assert.True(bench.Talk.IsUnderWay);
    }

    /// <summary>Only what was said before a reply counts as said before it: once, though it came in pieces, and all of it, though it
    /// waited for two replies.</summary>
    [Theory]
    [InlineData("AUTH PLAIN\r\n|NO|OP\r\n", "535 no\r\n|250 noop\r\n", "RSET\r\n", "AUTH False; NOOP True; RSET False")]
    [InlineData("AUTH PLAIN\r\nAUTH LOGIN\r\nR", "535 no\r\n|535 no\r\n", "SET\r\n", "AUTH False; AUTH True; RSET True")]
    public void Command_SaidAheadOfAReply_IsPipelined_AndOneAfterItIsNot(string before, string replies, string after, string expected)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n");
        foreach (var piece in before.Split('|'))
        {
            bed.Sim.Client.Says(piece).Waits(TimeSpan.FromSeconds(1));
        }

        bed.Sim.Pass(TimeSpan.FromSeconds(5));
        foreach (var reply in replies.Split('|'))
        {
            bed.Sim.Relay.Says(reply).Waits(TimeSpan.FromSeconds(1));
        }

        bed.Sim.Pass(TimeSpan.FromSeconds(5));
        bed.Sim.Client.Says(after);
        bed.Sim.Run();
        bed.Sim.Relay.Says("250 rset\r\n").Fin();
        bed.Sim.Run();
        bed.Sim.Client.Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(expected, string.Join("; ", bed.Record.GetProperty("exchanges").EnumerateArray()
            .Select(static e => $"{e.GetProperty("verb").GetString()} {e.GetProperty("pipelined").GetBoolean()}")));
    }
}
