using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tests.Simulation;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Whether a client that left while it waited for the verdict on its message has it (RFC 1047).</summary>
public sealed class SessionLateVerdictTests
{
    private const string Body = "hi\r\n";
    private static readonly TimeSpan Think = TimeSpan.FromSeconds(10);

    public static TheoryData<bool> Ways => [false, true];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Verdict_AfterTheClientHasClosed_IsNotReceived(bool isFaulted)
    {
        var bed = Waiting(isFaulted, static client => client.Closes());
        bed.Sim.Relay.Fin();
        bed.Sim.RunToEnd();
        Assert.Equal((1, 0), (bed.AtRisk("accepted"), bed.AtRisk("unknown")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Verdict_AfterAHalfClose_IsReceived(bool isFaulted)
    {
        var bed = Waiting(isFaulted, static client => client.Fin());
        bed.Sim.Relay.Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 2.0.0 queued\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(0, bed.AtRisk("accepted"));
    }

    /// <summary>Who has said all waits for the relay as anybody else does.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void Verdict_LaterThanAHalfCloseMayLast_IsReceived(bool isFaulted)
    {
        var limits = new SessionLimits { HalfClosed = TimeSpan.FromSeconds(3) };
        var bed = Waiting(isFaulted, static client => client.Fin(), limits);
        bed.Sim.Relay.Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 2.0.0 queued\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Verdict_LaterThanItMayBe_IsGivenUpInWords_AfterAHalfCloseToo(bool isFaulted)
    {
        var limits = new SessionLimits { HalfClosed = TimeSpan.FromSeconds(3), FinalReply = TimeSpan.FromSeconds(5) };
        var bed = Waiting(isFaulted, static client => client.Fin(), limits);
        bed.Sim.RunToEnd();
        Assert.EndsWith("354 go\r\n421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal(1, bed.Limits("reply_timeout"));
    }

    [Fact]
    public void Verdict_ThatIsNeverConfirmed_IsNotReceived_AndTheEndWaitsOnlySoLong()
    {
        var bed = Waiting(false, static client => client.Fin());
        bed.Sim.Pair.ConfirmsLate = true;
        bed.Sim.Relay.Fin();
        bed.Sim.Pass(TimeSpan.FromSeconds(3));
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.RunToEnd();
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(1, bed.AtRisk("accepted"));
    }

    [Fact]
    public void Verdict_ThatIsConfirmedLate_IsReceived()
    {
        var bed = Waiting(false, static client => client.Fin());
        bed.Sim.Pair.ConfirmsLate = true;
        bed.Sim.Relay.Fin();
        bed.Sim.Pass(TimeSpan.FromSeconds(1));
        bed.Sim.Pair.ConfirmsLate = false;
        bed.Sim.RunToEnd();
        Assert.Equal((EndKind.Fin, 0), (bed.Sim.Client.End, bed.AtRisk("accepted")));
    }

    [Fact]
    public void Verdict_OfAClientThatIsLostWithoutAWord_IsNotReceived()
    {
        var bed = Waiting(false, static _ => { }, new SessionLimits { ClientIdle = TimeSpan.FromMinutes(1) });
        bed.Sim.Pair.ConfirmsLate = true;
        bed.Sim.RunToEnd();
        Assert.Equal("timeout", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(1, bed.AtRisk("accepted"));
    }

    [Fact]
    public void Client_ThatReadsTheVerdictAndResets_HasIt()
    {
        var bed = Waiting(false, static client => client.Awaits("queued").Says("RSET\r\n").Awaits("250 ").Fin()
            .Waits(TimeSpan.FromSeconds(1)).Resets());
        bed.Sim.Relay.Awaits("RSET\r\n").Says("250 ok\r\n");
        bed.Sim.RunToEnd();
        Assert.Equal(0, bed.AtRisk("accepted"));
    }

    private static SessionBed Waiting(bool isFaulted, Action<SimulatedPeer> goesOn, SessionLimits? limits = null)
    {
        var bed = new SessionBed(limits, faults: isFaulted ? new FakeFaults() : null);
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO client\r\n").Awaits("STARTTLS\r\n").Says("MAIL FROM:<a@example.org>\r\n")
            .Awaits("250 2.1.0")
            .Says("RCPT TO:<b@example.net>\r\n").Awaits("250 2.1.5").Says("DATA\r\n").Awaits("354 go\r\n").Says(Body + ".\r\n");
        goesOn(bed.Sim.Client);
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO client\r\n").Says(Dialogues.EhloReply).Awaits("MAIL FROM:<a@example.org>\r\n")
            .Says("250 2.1.0 ok\r\n")
            .Awaits("RCPT TO:<b@example.net>\r\n").Says("250 2.1.5 ok\r\n").Awaits("DATA\r\n").Says("354 go\r\n").Awaits("\r\n.\r\n")
            .Waits(Think).Says("250 2.0.0 queued\r\n");
        return bed;
    }
}
