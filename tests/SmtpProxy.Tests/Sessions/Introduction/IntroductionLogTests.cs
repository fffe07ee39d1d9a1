using System.Diagnostics;
using SmtpProxy.Sessions.Introduction;
using SmtpProxy.Tests.Faults;

namespace SmtpProxy.Tests.Sessions.Introduction;

public sealed class IntroductionLogTests
{
    private static readonly long Minute = Stopwatch.Frequency * 60;

    [Fact]
    public void Failures_OfOneRelay_AreOneLineAMinuteThatCountsTheOthers()
    {
        using var rig = new FaultRig(new SmtpProxy.Faults.FaultsOptions { Enabled = false });
        var log = new IntroductionLog(rig);
        log.Failed("a", "no offer", 0);
        log.Failed("a", "no offer", 1);
        log.Failed("a", "no offer", Minute - 1);
        log.Failed("b", "no offer", 2);
        Assert.Equal(["210", "210"], Told(rig));
        Assert.DoesNotContain("more sessions", rig.Logged[0], StringComparison.Ordinal);
        log.Failed("a", "no offer", Minute);
        Assert.Contains(" (2 more sessions since the last such line)", rig.Logged[2], StringComparison.Ordinal);
        log.Failed("a", "no offer", 2 * Minute);
        Assert.DoesNotContain("more sessions", rig.Logged[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Success_AfterFailures_IsToldOnceAndNotWithinTheMinute()
    {
        using var rig = new FaultRig(new SmtpProxy.Faults.FaultsOptions { Enabled = false });
        var log = new IntroductionLog(rig);
        log.Went("a", 0);
        log.Failed("a", "refused", 0);
        log.Went("a", Minute - 1);
        Assert.Equal(["210"], Told(rig));
        log.Went("a", Minute);
        log.Went("a", 2 * Minute);
        log.Went("b", 2 * Minute);
        Assert.Equal(["210", "211"], Told(rig));
        log.Failed(null, "refused", 3 * Minute);
        log.Went(null, 4 * Minute);
        Assert.Equal(["210", "211", "210", "211"], Told(rig));
    }

    private static IEnumerable<string> Told(FaultRig rig) => rig.Logged.Select(static line => line[..3]);
}
