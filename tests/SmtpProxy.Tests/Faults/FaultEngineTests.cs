using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;

namespace SmtpProxy.Tests.Faults;

/// <summary>When rules are armed, and what stops them.</summary>
public sealed class FaultEngineTests
{
    private const string Refuse = "'at':'mail','action':{'type':'reply','code':451}";

    [Fact]
    public void Ttl_Over_EndsTheRule()
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'ttl':'00:02:00',{Refuse}}}");
        Assert.Equal(rig.Time.GetUtcNow() + TimeSpan.FromMinutes(2), rig.Engine.Status().NextExpiry);
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("x", rig.Pattern(1));
        rig.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(".", rig.Pattern(1));
        Assert.Equal(1, rig.Metrics.Sum("smtpproxy.faults.skipped", "smtpproxy.fault.reason=expired"));
        var revision = rig.Engine.Rules.Revision;
        rig.Engine.Sweep();
        Assert.Empty(rig.Engine.Status().Rules);
        Assert.Equal(revision + 1, rig.Engine.Rules.Revision);
    }

    [Fact]
    public void Pulse_OnAndOff_StrikesWhileOn()
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'pulse':{{'on':'00:01:00','off':'00:02:00'}},{Refuse}}}");
        var pattern = "";
        for (var n = 0; n < 9; n++)
        {
            pattern += rig.Pattern(1);
            rig.Time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal("xx....xx.", pattern);
    }

    [Fact]
    public void NotBefore_InTheFuture_DoesNotStrikeYet()
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'notBefore':'{rig.Time.GetUtcNow().AddMinutes(1):O}',{Refuse}}}");
        Assert.Equal("..", rig.Pattern(2));
        Assert.Equal(2, rig.Metrics.Sum("smtpproxy.faults.skipped", "smtpproxy.fault.reason=disabled"));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("x", rig.Pattern(1));
    }

    [Fact]
    public void Halt_UntilResumed_StrikesNothingAndSurvivesEdits()
    {
        using var rig = new FaultRig();
        var changes = 0;
        rig.Engine.Changed += () => changes++;
        rig.Put("it", $"{{{Refuse}}}");
        var (faults, _) = rig.Session();
        Assert.True(faults.IsArmed);
        rig.Engine.Switch.Halt("enough", "test");
        rig.Engine.Switch.Halt("again", "someone else");
        Assert.False(faults.IsArmed);
        Assert.Equal(("enough", "test"), (rig.Engine.Switch.State!.Reason, rig.Engine.Switch.State.By));
        rig.Put("other", $"{{{Refuse}}}");
        Assert.Equal("..", rig.Pattern(2));
        Assert.False(rig.Engine.Status().Armed);
        Assert.Equal(4, rig.Metrics.Sum("smtpproxy.faults.skipped", "smtpproxy.fault.reason=halted"));
        Assert.Null(rig.Engine.Switch.Resume());
        Assert.Equal("x", rig.Pattern(1));
        Assert.Equal(4, changes); // Two rules, the halt, the resume: a second halt changes nothing.
    }

    [Fact]
    public void HaltFile_WhileItExists_HaltsAndForbidsToResume()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var rig = new FaultRig(FaultRig.Bold with { HaltFile = file });
        rig.Engine.Sweep();
        Assert.False(rig.Engine.IsHalted);
        File.WriteAllText(file, "");
        try
        {
            rig.Engine.Sweep();
            Assert.Equal("file", rig.Engine.Switch.State!.By);
            Assert.Contains(file, rig.Engine.Switch.Resume(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }

        rig.Engine.Sweep();
        Assert.True(rig.Engine.IsHalted, "A halt is latched until someone resumes.");
        Assert.Null(rig.Engine.Switch.Resume());
    }

    [Fact]
    public void SessionsWithoutFault_FailingTooOften_HaltAll()
    {
        using var rig = new FaultRig(FaultRig.Bold with { AutoHaltRatio = 0.5, AutoHaltMinSessions = 10 });
        rig.Put("it", $"{{{Refuse}}}");
        for (var n = 0; n < 50; n++)
        {
            rig.Engine.SessionOver(faulted: true, failed: true);
        }

        for (var n = 0; n < 9; n++)
        {
            rig.Engine.SessionOver(faulted: false, failed: true);
        }

        Assert.False(rig.Engine.IsHalted);
        rig.Engine.SessionOver(faulted: false, failed: true);
        Assert.Equal("automatic", rig.Engine.Switch.State!.By);
    }

    [Fact]
    public void Warning_WhileArmed_NamesTheRules()
    {
        using var rig = new FaultRig();
        rig.Engine.Warn();
        rig.Put("it", $"{{'ttl':'00:01:00',{Refuse}}}");
        rig.Put("off", $"{{'enabled':false,{Refuse}}}");
        rig.Engine.Warn();
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        rig.Engine.Warn();
        rig.Engine.Switch.Halt("enough", "test");
        rig.Engine.Warn();
        Assert.Equal("601 Faults are armed, 1 in all: it",
            Assert.Single(rig.Logged, static l => l.StartsWith("601", StringComparison.Ordinal)));
    }

    [Fact]
    public void Reload_OfTheConfiguration_KeepsWhatDidNotChange()
    {
        using var rig = new FaultRig(FaultRig.Bold with { Rules = Rules(451) });
        Assert.Equal(("x.", "x."), (rig.Pattern(2), rig.Pattern(2, FaultPoint.Noop)));
        rig.Put("api", "{'at':'vrfy','action':{'type':'reply','code':451}}");
        rig.Options = rig.Options with { Rules = Rules(452) };
        rig.Engine.Reload();
        Assert.Equal(("x.", ".."), (rig.Pattern(2), rig.Pattern(2, FaultPoint.Noop)));
        Assert.True(rig.Strikes(FaultPoint.Vrfy));

        static Microsoft.Extensions.Configuration.IConfigurationSection Rules(int code) => FaultRig.Section(
            $"{{'a':{{'At':'mail','Occurrence':{{'First':1}},'Action':{{'Type':'reply','Code':{code}}}}},"
            + "'b':{'At':'noop','Occurrence':{'First':1},'Action':{'Type':'reply','Code':451}}}");
    }

    [Fact]
    public void Reload_ThatTakesAFlagAway_EndsTheRulesThatNeedIt()
    {
        using var rig = new FaultRig();
        rig.Put("risky", "{'at':'endOfData','action':{'type':'blackhole'}}");
        rig.Put("plain", $"{{{Refuse}}}");
        rig.Options = rig.Options with { AllowLossRisk = false };
        rig.Engine.Reload();
        Assert.Equal("plain", Assert.Single(rig.Engine.Status().Rules).Id);
    }

    [Fact]
    public void Changes_AtAnotherRevisionOrOfTheFile_AreRefused()
    {
        using var rig = new FaultRig(FaultRig.Bold with { Rules = FaultRig.Section($"{{'file':{{{Refuse}}}}}") });
        var rule = FaultRig.Json($"{{'ttl':'00:01:00',{Refuse}}}");
        Assert.Equal(RuleChangeKind.OfFile, rig.Engine.Rules.Put("file", rule).Kind);
        Assert.Equal(RuleChangeKind.OfFile, rig.Engine.Rules.Delete(["file"]).Kind);
        Assert.Equal(RuleChangeKind.OtherRevision, rig.Engine.Rules.Put("it", rule, rig.Engine.Rules.Revision + 1).Kind);
        Assert.Equal(RuleChangeKind.Done, rig.Engine.Rules.Put("it", rule, rig.Engine.Rules.Revision).Kind);
        Assert.Equal(RuleChangeKind.Done, rig.Engine.Rules.Delete(["it"], rig.Engine.Rules.Revision).Kind);
        Assert.Equal(RuleChangeKind.NotThere, rig.Engine.Rules.Delete(["it"]).Kind);
    }
}
