using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>What halts all faults by itself, and who may resume them.</summary>
public sealed class HaltSwitchTests
{
    /// <summary>Sessions and failures count for the same minute.</summary>
    [Theory]
    [InlineData(59, true)]
    [InlineData(60, false)]
    public void Failures_OlderThanAMinute_CountNoMore(int seconds, bool halts)
    {
        using var rig = new FaultRig(FaultRig.Bold with { AutoHaltRatio = 0.5, AutoHaltMinSessions = 10 });
        rig.Put("it", "{'at':'mail','action':{'type':'close'}}");
        for (var n = 0; n < 8; n++)
        {
            rig.Engine.SessionOver(faulted: false, failed: true);
        }

        rig.Time.Advance(TimeSpan.FromSeconds(seconds));
        for (var n = 0; n < 10; n++)
        {
            rig.Engine.SessionOver(faulted: false, failed: n is 0 or 1);
        }

        Assert.Equal(halts, rig.Engine.IsHalted);
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void Sessions_OlderThanAMinute_OutweighNoFailures(int seconds, bool halts)
    {
        using var rig = new FaultRig(FaultRig.Bold with { AutoHaltRatio = 0.5, AutoHaltMinSessions = 10 });
        rig.Put("it", "{'at':'mail','action':{'type':'close'}}");
        for (var n = 0; n < 18; n++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(n == 8 ? seconds : 0));
            rig.Engine.SessionOver(faulted: false, failed: n is >= 8 and < 14);
        }

        Assert.Equal(halts, rig.Engine.IsHalted);
    }

    /// <summary>What was counted before a halt says nothing of what comes after it.</summary>
    [Fact]
    public void Sessions_OfBeforeAResume_OutweighNoFailures()
    {
        using var rig = new FaultRig(FaultRig.Bold with { AutoHaltRatio = 0.5, AutoHaltMinSessions = 10 });
        rig.Put("it", "{'at':'mail','action':{'type':'close'}}");
        for (var n = 0; n < 100; n++)
        {
            rig.Engine.SessionOver(faulted: false, failed: false);
        }

        rig.Engine.Switch.Halt("enough", "test");
        rig.Engine.Switch.Resume();
        for (var n = 0; n < 10; n++)
        {
            rig.Engine.SessionOver(faulted: false, failed: n < 6);
        }

        Assert.True(rig.Engine.IsHalted);
        rig.Engine.Switch.Resume();
        for (var n = 0; n < 10; n++)
        {
            rig.Engine.SessionOver(faulted: false, failed: n < 5);
        }

        Assert.False(rig.Engine.IsHalted);
    }

    [Fact]
    public void Warning_OfWhatIsArmed_IsNotGivenWhileHalted()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'close'}}");
        rig.Engine.Warn();
        rig.Engine.Switch.Halt("enough", "test");
        rig.Engine.Warn();
        Assert.Single(rig.Logged, static l => l.StartsWith("601 ", StringComparison.Ordinal));
        rig.Engine.Switch.Resume();
        rig.Engine.Warn();
        Assert.Equal(2, rig.Logged.Count(static l => l.StartsWith("601 ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("a, ,b ,", "a b")]
    [InlineData("", "")]
    public void List_WrittenAsAText_IsItsWords(string text, string words) =>
        Assert.Equal(words, string.Join(' ', FaultsOptions.List(FaultRig.Section($"{{'x':'{text}'}}").GetSection("x"))));

    [Fact]
    public void Resume_OfTheFleet_LeavesAHaltFileStanding()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var fleet = new FakeFleet();
        using var rig = new FaultRig(FaultRig.Bold with { HaltFile = file }, fleet);
        var there = new HaltState("elsewhere", rig.Time.GetUtcNow(), "api");
        rig.Engine.Switch.HaltWithFleet(there);
        Assert.Equal(there, rig.Engine.Switch.State);
        rig.Engine.Switch.ResumeWithFleet();
        Assert.False(rig.Engine.IsHalted);
        File.WriteAllText(file, "");
        try
        {
            rig.Engine.Switch.HaltWithFleet(there);
            rig.Engine.Switch.ResumeWithFleet();
            Assert.True(rig.Engine.IsHalted, "The file is there.");
        }
        finally
        {
            File.Delete(file);
        }

        rig.Engine.Switch.ResumeWithFleet();
        Assert.False(rig.Engine.IsHalted);
        Assert.Empty(fleet.Told);
    }

    /// <summary>Who is not halted has nothing to tell its fleet.</summary>
    [Fact]
    public void Resume_OfWhatIsNotHalted_IsToldNobody()
    {
        var fleet = new FakeFleet();
        using var rig = new FaultRig(fleet: fleet);
        Assert.Null(rig.Engine.Switch.Resume());
        Assert.Empty(fleet.Told);
        rig.Engine.Switch.Halt("enough", "test");
        Assert.Null(rig.Engine.Switch.Resume());
        Assert.Equal(["test: enough", "resumed"], fleet.Told);
    }
}
