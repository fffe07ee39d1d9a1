using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults;

public sealed class RuleStateTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void MaxInjections_Spent_IsSkippedAndTold()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','budget':{'maxInjections':2},'action':{'type':'reply','code':451}}");
        Assert.Equal("xx..", rig.Pattern(4));
        var rule = Assert.Single(rig.Engine.Status().Rules);
        Assert.Equal((2L, 0L, 2L), (rule.Injected, rule.BudgetLeft, rule.Skipped["budget"]));
        Assert.Equal(2, rig.Metrics.Sum("smtpproxy.faults.skipped", "smtpproxy.fault.rule=it", "smtpproxy.fault.reason=budget"));
        Assert.Equal(2, rig.Metrics.Sum("smtpproxy.faults.injected", "smtpproxy.fault.rule=it"));
    }

    [Fact]
    public void MaxPerMinute_AfterAMinute_IsThereAgain()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','budget':{'maxPerMinute':2},'action':{'type':'reply','code':451}}");
        Assert.Equal("xx.", rig.Pattern(3));
        rig.Time.Advance(Minute);
        Assert.Equal("xx.", rig.Pattern(3));
    }

    [Fact]
    public void MaxPerClient_OfAnotherClient_IsLeft()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','budget':{'maxPerClient':1},'action':{'type':'reply','code':451}}");
        Assert.Equal(("x.", "x."), (rig.Pattern(2), rig.Pattern(2, client: "192.0.2.2")));
        rig.Put("it", "{'at':'mail','budget':{'maxPerClient':2},'action':{'type':'reply','code':452}}");
        Assert.Equal("xx.", rig.Pattern(3));
    }

    [Fact]
    public void MaxConcurrent_WhileOneIsInProgress_StrikesNoOther()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','budget':{'maxConcurrent':1},'action':{'type':'delay','duration':'00:00:05'}}");
        var (faults, facts) = rig.Session();
        var held = faults.OnCommand(FaultPoint.Mail, facts)!;
        Assert.False(rig.Strikes(FaultPoint.Mail));
        Assert.Equal(1, rig.Engine.Active);
        held.Injections[0].Done();
        Assert.True(rig.Strikes(FaultPoint.Mail));
        Assert.Equal(0, rig.Engine.Active);
    }

    [Fact]
    public void MaxAffectedRatio_OfTwentySessions_StrikesAQuarter()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','budget':{'maxAffectedRatio':0.25},'action':{'type':'reply','code':451}}");
        Assert.Equal(5, rig.Pattern(20).Count(static c => c == 'x'));
    }

    [Fact]
    public void MaxActiveFaults_Reached_TakesNothingOutOfTheRulesBudget()
    {
        using var rig = new FaultRig(FaultRig.Bold with { MaxActiveFaults = 1 });
        rig.Put("hold", "{'at':'noop','action':{'type':'delay','duration':'00:00:05'}}");
        rig.Put("two", "{'at':'mail','budget':{'maxInjections':2},'action':{'type':'reply','code':451}}");
        var (faults, facts) = rig.Session();
        var held = faults.OnCommand(FaultPoint.Noop, facts)!;
        Assert.Equal("...", rig.Pattern(3));
        held.Injections[0].Done();
        Assert.Equal("xx.", rig.Pattern(3));
    }
}
