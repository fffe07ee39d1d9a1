namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>A relay that is gone while more of the client waits for its reply than is kept.</summary>
public sealed class FaultedSessionLostRelayTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Relay_GoneBeforeItsReplyToDataWhileMuchWaitsForIt_SessionEndsWithItsClient(bool halfCloses)
    {
        var bed = new SessionBed(faults: new FakeFaults());
        var body = string.Concat(Enumerable.Repeat("a line of a message that is sent ahead\r\n", 5000));
        var relay = bed.Sim.Relay.Says("220 r\r\n").Awaits("DATA\r\n");
        _ = halfCloses ? relay.Fin() : relay.Closes();
        bed.Sim.Client.Says("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" + body).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("relay_gone", bed.Record.GetProperty("outcome").GetString());
        Assert.InRange(bed.Record.GetProperty("duration_ms").GetDouble(), 0, 10_000);
    }

    /// <summary>A relay that says no more may still listen, and rules that do not strike change nothing of that.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Relay_ThatHalfCloses_HearsWhatTheClientStillSays_WithRulesArmed(bool isArmed)
    {
        var second = TimeSpan.FromSeconds(1);
        var bed = new SessionBed(faults: isArmed ? new FakeFaults() : null);
        bed.Sim.Relay.Says("220 r\r\n").Awaits("NOOP\r\n").Says("421 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 r\r\n").Says("NOOP\r\n").Awaits("421 bye\r\n").Waits(second).Says("RSET\r\n").Waits(second)
            .Says("VRFY a\r\n").Waits(second).Says("QUIT\r\n").Waits(second).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("NOOP\r\nRSET\r\nVRFY a\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal("220 r\r\n421 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal("relay_gone", bed.Record.GetProperty("outcome").GetString());
        Assert.DoesNotContain("\"origin\":\"fault\"", $"{bed.Record}", StringComparison.Ordinal);
    }
}
