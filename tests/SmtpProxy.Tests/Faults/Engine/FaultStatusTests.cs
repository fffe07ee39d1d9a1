using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>What an operator is shown of the rules.</summary>
public sealed class FaultStatusTests
{
    [Fact]
    public void Status_OfARuleThatHasStruck_SaysWhatItDid()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'ttl':'00:10:00','at':'endOfData','budget':{'maxInjections':3},'action':{'type':'rejectMessage'}}");
        var (faults, facts) = rig.Session();
        var strike = faults.OnCommand(FaultPoint.EndOfData, facts)!;
        var rule = Assert.Single(rig.Engine.Status().Rules);
        Assert.Equal(("it", "api", true, true, "endOfData", "rejectMessage", "notDelivered"),
            (rule.Id, rule.Source, rule.Enabled, rule.Armed, rule.Point, rule.Action, rule.Effect));
        Assert.Equal((rig.Time.GetUtcNow().AddMinutes(10), 1L, 1, 2L),
            (rule.ExpiresAt!.Value, rule.Injected, rule.Active, rule.BudgetLeft!.Value));
        Assert.Equal((1, 0L), (rig.Engine.Status().ActiveFaults, rig.Engine.Status().LatestInjection));
        var injection = Assert.Single(strike.Injections);
        injection.Done();
        injection.Done();
        var after = rig.Engine.Status();
        Assert.Equal((0, 1L, 0), (after.ActiveFaults, after.LatestInjection, after.Rules[0].Active));
        Assert.Equal((true, true, null, "20261123"), (after.Enabled, after.Armed, after.Halted, after.Seed));
        Assert.Equal(("it", "rejectMessage", FaultPoint.EndOfData, DeliveryEffect.NotDelivered, 20261123L, "s1", rig.Time.GetUtcNow()),
            (injection.Rule, injection.Action, injection.Point, injection.Effect, injection.Seed, injection.Session, injection.Time));
    }

    [Fact]
    public void Status_WhereNothingCanStrike_IsNotArmed()
    {
        using var rig = new FaultRig(FaultRig.Bold with
        {
            Rules = FaultRig.Section("{'off':{'Enabled':false,'At':'mail','Action':{'Type':'close'}},"
                + "'later':{'NotBefore':'2099-01-01T00:00:00Z','At':'mail','Action':{'Type':'close'}}}"),
        });
        var status = rig.Engine.Status();
        Assert.Equal([("later", "file", true, false, null), ("off", "file", false, false, (DateTimeOffset?)null)],
            status.Rules.Select(static r => (r.Id, r.Source, r.Enabled, r.Armed, r.ExpiresAt)));
        Assert.False(status.Armed);
        Assert.Null(status.NextExpiry);
        rig.Put("now", "{'at':'mail','action':{'type':'close'}}");
        Assert.True(rig.Engine.Status().Armed);
        Assert.Null(Assert.Single(rig.Engine.Status().Rules, static r => r.Id == "now").BudgetLeft);
        Assert.Equal(1, rig.Metrics.Sum("smtpproxy.faults.active"));
        rig.Engine.Switch.Halt("enough", "me");
        Assert.False(rig.Engine.Status().Armed);
        Assert.Equal(0, rig.Metrics.Sum("smtpproxy.faults.active"));
        Assert.Equal(("enough", "me", rig.Time.GetUtcNow()),
            (rig.Engine.Status().Halted!.Reason, rig.Engine.Status().Halted!.By, rig.Engine.Status().Halted!.Since));
    }

    [Fact]
    public void NextExpiry_IsOfTheRuleThatEndsFirst()
    {
        using var rig = new FaultRig();
        rig.Put("long", "{'ttl':'00:20:00','at':'mail','action':{'type':'close'}}");
        rig.Put("short", "{'ttl':'00:10:00','at':'mail','action':{'type':'close'}}");
        rig.Put("ends",
            $"{{'ttl':'00:20:00','notAfter':'{rig.Time.GetUtcNow().AddMinutes(5):O}','at':'mail','action':{{'type':'close'}}}}");
        Assert.Equal(rig.Time.GetUtcNow().AddMinutes(5), rig.Engine.Status().NextExpiry);
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(rig.Time.GetUtcNow().AddMinutes(5), rig.Engine.Status().NextExpiry);
    }

    [Fact]
    public void Seed_ThatIsNotGiven_IsDrawn()
    {
        using var one = new FaultRig(FaultRig.Bold with { Seed = 0 });
        using var other = new FaultRig(FaultRig.Bold with { Seed = 0 });
        Assert.True(one.Engine.Seed > 0 && other.Engine.Seed > 0);
        Assert.NotEqual(one.Engine.Seed, other.Engine.Seed);
        Assert.Contains(one.Logged, line => line == $"600 Faults are enabled in this process; seed {one.Engine.Seed}");
    }

    [Fact]
    public void Faults_InProgress_AreLimitedInTheWholeProcess()
    {
        using var rig = new FaultRig(FaultRig.Bold with { MaxActiveFaults = 2 });
        rig.Put("it", "{'at':'mail','action':{'type':'close'}}");
        Strike?[] strikes = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            var (faults, facts) = rig.Session();
            return faults.OnCommand(FaultPoint.Mail, facts);
        })];
        Assert.Equal([true, true, false], strikes.Select(static s => s is not null));
        Assert.Equal(1, rig.Engine.Status().Rules[0].Skipped["budget"]);
        strikes[0]!.Injections[0].Done();
        Assert.True(rig.Strikes(FaultPoint.Mail));
    }

    [Fact]
    public void Delay_ThatWasAdded_IsMeasuredOnce()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'delay','duration':'00:00:02'}}");
        rig.Put("other", "{'at':'mail','order':1,'action':{'type':'throttle','bytesPerSecond':9}}");
        var (faults, facts) = rig.Session();
        var strike = faults.OnCommand(FaultPoint.Mail, facts)!;
        Assert.Equal(["other", "it"], strike.Injections.Select(static i => i.Rule));
        strike.Held(TimeSpan.FromSeconds(2));
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(2)], strike.Injections.Select(static i => i.AddedDelay));
        strike.Injections[1].Done();
        strike.Injections[0].Done();
        Assert.Equal(1, rig.Metrics.Sum("smtpproxy.faults.injected", "smtpproxy.fault.rule=it"));
        Assert.Equal(1, rig.Metrics.Sum("smtpproxy.faults.injected", "smtpproxy.fault.rule=other"));
    }

    [Fact]
    public void Held_WithoutADelay_IsOfTheFirst()
    {
        using var rig = new FaultRig();
        rig.Put("a", "{'at':'mail','action':{'type':'throttle','bytesPerSecond':9}}");
        rig.Put("b", "{'at':'mail','action':{'type':'throttle','bytesPerSecond':8}}");
        var (faults, facts) = rig.Session();
        var strike = faults.OnCommand(FaultPoint.Mail, facts)!;
        strike.Held(TimeSpan.FromSeconds(3));
        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.Zero], strike.Injections.Select(static i => i.AddedDelay));
        new Strike().Held(TimeSpan.FromSeconds(1));
    }
}
