using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Presets;

namespace SmtpProxy.Tests.Faults;

public sealed class PresetRunsTests
{
    private static readonly PresetStart Plain = new("00:10:00", null, null, null);

    public static TheoryData<string> Names => new(PresetCatalogue.All.Select(static p => p.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Preset_StartedShrunkAndStopped_ComesAndGoes(string name)
    {
        using var rig = new FaultRig();
        var preset = PresetCatalogue.Find(name)!;
        Assert.Equal(RuleChangeKind.Done, rig.Engine.Presets.Start(preset, Plain with { Scale = 0.1 }, out var run).Kind);
        Assert.Equal(preset.Rules.Select(static r => r.Key).Order(StringComparer.Ordinal),
            rig.Engine.Status().Rules.Select(static r => r.Id).Order(StringComparer.Ordinal));
        Assert.Equal(RuleChangeKind.Done, rig.Engine.Presets.Stop(run.Id).Kind);
        Assert.Empty(rig.Engine.Status().Rules);
    }

    [Fact]
    public void Presets_ThatRiskDuplicates_NeedTheFlag() => Assert.Equal(["ack-lost"], PresetCatalogue.All.Where(static preset =>
    {
        using var rig = new FaultRig(new FaultsOptions { Enabled = true });
        return rig.Engine.Presets.Start(preset, Plain, out _).Kind == RuleChangeKind.Refused;
    }).Select(static preset => preset.Name));

    [Fact]
    public void Scale_MultipliesTimes_AndSetAndMatchAreTaken()
    {
        using var rig = new FaultRig();
        var start = Plain with { Scale = 0.1, Match = FaultRig.Json("{'clientCidr':'192.0.2.7'}"),
            Set = FaultRig.Json("{'order':5,'where':'beforeReply'}") };
        rig.Engine.Presets.Start(PresetCatalogue.Find("slow-banner")!, start, out _);
        Assert.False(rig.Strikes(FaultPoint.Greeting));
        var (faults, facts) = rig.Session("192.0.2.7");
        Assert.Equal(TimeSpan.FromSeconds(3.5), faults.OnCommand(FaultPoint.Greeting, facts)!.BeforeReply);
        Assert.Equal(5, rig.Engine.Rules.Texts()["slow-banner"]["order"]!.GetValue<int>());
    }

    [Fact]
    public void Preset_StartedAgain_BelongsToTheLaterRun()
    {
        using var rig = new FaultRig();
        var preset = PresetCatalogue.Find("greylist")!;
        rig.Engine.Presets.Start(preset, Plain, out var first);
        rig.Engine.Presets.Start(preset, Plain, out var second);
        Assert.Equal(RuleChangeKind.NotThere, rig.Engine.Presets.Stop(first.Id).Kind);
        Assert.Single(rig.Engine.Status().Rules);
        Assert.Equal(RuleChangeKind.Done, rig.Engine.Presets.Stop(second.Id).Kind);
    }

    [Fact]
    public void Scale_AtItsBounds_IsTaken()
    {
        var errors = new List<SmtpProxy.Faults.Model.RuleError>();
        Assert.Single(PresetRun.Rules(PresetCatalogue.Find("slow-banner")!, Plain with { Scale = 1000 }, errors));
        Assert.Empty(PresetRun.Rules(PresetCatalogue.Find("slow-banner")!, Plain with { Scale = 1000.001 }, errors));
        Assert.Equal("scale", Assert.Single(errors).Path);
    }

    [Fact]
    public void Match_OfTheStart_IsAddedToWhatThePresetItselfAsksFor()
    {
        var rules = FaultRig.Json("{'it':{'at':'mail','match':{'listener':'mx','upstream':'relays'},'action':{'type':'close'}}}");
        var start = Plain with { Match = FaultRig.Json("{'upstream':'other','clientCidr':'192.0.2.7'}") };
        var rule = Assert.Single(PresetRun.Rules(new Preset("own", "", "", "", "", rules), start, [])).Value;
        Assert.Equal("""{"listener":"mx","upstream":"other","clientCidr":"192.0.2.7"}""", rule["match"]!.ToJsonString());
    }

    /// <summary>Whatever is taken away has its default again, however its name is written.</summary>
    [Fact]
    public void Set_OfNothing_TakesAway()
    {
        var rules = FaultRig.Json("{'it':{'at':'mail','probability':0.5,'action':{'type':'reply','code':451,'text':'no'}}}");
        var start = Plain with { Set = FaultRig.Json("{'PROBABILITY':null,'text':null,'Order':7}") };
        var rule = Assert.Single(PresetRun.Rules(new Preset("own", "", "", "", "", rules), start, [])).Value;
        Assert.Equal((false, 7, 2), (rule.ContainsKey("probability"), rule["order"]!.GetValue<int>(), rule["action"]!.AsObject().Count));
    }

    [Fact]
    public void Preset_WithoutTtl_IsRefused()
    {
        using var rig = new FaultRig();
        Assert.Equal("ttl", Assert.Single(rig.Engine.Presets.Start(PresetCatalogue.All[0], Plain with { Ttl = null }, out _).Errors).Path);
    }
}
