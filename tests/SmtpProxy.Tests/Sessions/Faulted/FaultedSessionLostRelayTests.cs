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
}
