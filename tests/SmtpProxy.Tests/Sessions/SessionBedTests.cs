namespace SmtpProxy.Tests.Sessions;

/// <summary>What tests of thousands of sessions rely on.</summary>
public sealed class SessionBedTests
{
    [Fact]
    public void Beds_WhoseSessionsAreOver_AreNotKept()
    {
        var first = Used();
        for (var n = 0; n < 100; n++)
        {
            Used();
        }

        GC.Collect();
        Assert.False(first.IsAlive);
    }

    private static WeakReference Used()
    {
        var bed = new SessionBed();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Closes();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Closes();
        bed.Sim.RunToEnd();
        return new WeakReference(bed.Meter);
    }
}
