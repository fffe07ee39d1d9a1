using SmtpProxy.Protocol;
using SmtpProxy.Sessions.Guard;

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
}
