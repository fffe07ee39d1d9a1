using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

public sealed class SessionDrainTests
{
    private const string Stopping = "421 4.3.2 Service is restarting, please try again\r\n";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public void Drain_BetweenTransactions_PartsAtOnce()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 ready\r\n").Awaits("EHLO").Awaits("\r\n").Says("250 ok\r\n");
        bed.Sim.Client.Awaits("220 ").Says("EHLO c\r\n").Awaits("421").Fin();
        bed.Sim.Run();

        var drained = bed.Host.DrainAsync(Deadline);
        bed.Sim.Run();

        Assert.Equal("220 ready\r\n250 ok\r\n" + Stopping, bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        Assert.False(drained.IsCompleted);
        bed.Sim.Relay.Fin();
        bed.Sim.Run();
        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Equal("shutdown", bed.Record.GetProperty("outcome").GetString());
        Assert.Empty(bed.Record.GetProperty("anomalies").EnumerateArray());
    }

    [Fact]
    public void Drain_InATransaction_PartsBehindItsFinalReply()
    {
        var bed = InData();
        bed.Host.DrainAsync(Deadline);
        bed.Sim.Run();
        Assert.DoesNotContain("421", bed.Sim.Client.Heard, StringComparison.Ordinal);

        bed.Sim.Client.Says("text\r\n.\r\n");
        bed.Sim.Relay.Awaits("\r\n.\r\n").Says("250 2.0.0 queued\r\n");
        bed.Sim.Run();

        Assert.EndsWith("250 2.0.0 queued\r\n" + Stopping, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.EndsWith("text\r\n.\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public void Drain_DeadlineInATransaction_PartsWithoutTheDot()
    {
        var bed = InData();
        bed.Sim.Client.Says("half a messa");
        bed.Host.DrainAsync(Deadline);

        bed.Sim.Pass(Deadline + TimeSpan.FromSeconds(1));

        Assert.EndsWith(Stopping, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.EndsWith("half a messa", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        bed.Sim.Pass(TimeSpan.FromSeconds(10));
        Assert.True(bed.Sim.IsClosed);
        Assert.Equal("failed", bed.Record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public void Drain_WhileDialling_TurnsTheClientAway()
    {
        var bed = new SessionBed();
        bed.Sim.Dials.ThenNothing();
        bed.Sim.Client.Awaits("421").Fin();
        bed.Sim.Run();

        var drained = bed.Host.DrainAsync(Deadline);
        bed.Sim.Run();

        Assert.Equal(Stopping, bed.Sim.Client.Heard);
        Assert.True(drained.IsCompletedSuccessfully);
    }

    [Fact]
    public void Drain_Opaque_GoesOnUntilTheDeadline()
    {
        var bed = new SessionBed();
        bed.Sim.Client.Says("\u0016\u0003\u0001\u0000\u0020\u0001\u0000\u0000\u001c like a ClientHello");
        bed.Sim.Run();
        bed.Host.DrainAsync(Deadline);

        bed.Sim.Pass(Deadline - TimeSpan.FromSeconds(1));
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal(EndKind.Reset, bed.Sim.Client.End);
        Assert.Equal("", bed.Sim.Client.Heard);
    }

    [Fact]
    public void Drain_ThenANewConnection_IsTurnedAway()
    {
        var bed = new SessionBed();
        bed.Host.DrainAsync(Deadline);
        bed.Sim.Client.Awaits("421").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Stopping, bed.Sim.Client.Heard);
        Assert.Empty(bed.Sim.Dials.Targets);
    }

    [Fact]
    public void Drain_NoSessions_IsDoneAtOnce() => Assert.True(new SessionBed().Host.DrainAsync(Deadline).IsCompletedSuccessfully);

    [Fact]
    public void Drain_AfterOtherSessionsEnded_WaitsForThoseThatAreOpen()
    {
        var bed = new SessionBed();
        var (first, second) = (bed.Another(), bed.Another());
        foreach (var sim in (Simulation.Simulation[])[first, second])
        {
            sim.Relay.Says("220 ready\r\n");
            sim.Run();
        }

        bed.Sim.Client.Resets();
        bed.Sim.RunToEnd();
        var drained = bed.Host.DrainAsync(Deadline);
        Assert.False(drained.IsCompleted);
        first.RunToEnd();
        Assert.False(drained.IsCompleted);
        second.RunToEnd();
        Assert.True(drained.IsCompletedSuccessfully);
    }

    /// <summary>What the other side still says does not put the deadline off.</summary>
    [Fact]
    public void Drain_WhereOneSideHasEnded_EndsAtTheDeadline()
    {
        var bed = InData();
        bed.Sim.Client.Says("text\r\n.\r\n").Fin();
        bed.Sim.Run();
        bed.Host.DrainAsync(Deadline);
        bed.Sim.Pass(Deadline / 2);
        bed.Sim.Relay.Says("250-half a rep");
        bed.Sim.Pass((Deadline / 2) - TimeSpan.FromSeconds(1));
        Assert.False(bed.Sim.IsClosed);

        bed.Sim.Pass(TimeSpan.FromSeconds(2));
        Assert.True(bed.Sim.IsClosed);
        Assert.Equal((EndKind.Reset, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
    }

    private static SessionBed InData()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 ready\r\n").Awaits("EHLO").Awaits("\r\n").Says("250 ok\r\n").Awaits("MAIL").Awaits("\r\n")
            .Says("250 ok\r\n").Awaits("RCPT").Awaits("\r\n").Says("250 ok\r\n")
            .Awaits("DATA\r\n").Says("354 go\r\n");
        bed.Sim.Client.Awaits("220 ").Says("EHLO c\r\n").Awaits("250 ").Says("MAIL FROM:<a@b>\r\n").Awaits("250 ")
            .Says("RCPT TO:<c@d>\r\n").Awaits("250 ").Says("DATA\r\n").Awaits("354 ");
        bed.Sim.Run();
        return bed;
    }
}
