using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Presets;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>Rules are changed in one proxy alone, or in all of a fleet or none.</summary>
public sealed class RuleDeskTests
{
    private const string Refuse = "'at':'mail','action':{'type':'reply','code':451}";
    private static readonly PresetStart Plain = new("00:10:00", null, null, null);

    public static TheoryData<bool> InAFleetOrAlone => [true, false];

    [Theory]
    [MemberData(nameof(InAFleetOrAlone))]
    public async Task PutAll_ThatKeepsNoOthers_LeavesOnlyThose(bool inAFleet)
    {
        using var rig = Rig(inAFleet, out _);
        var desk = rig.Engine.Desk;
        Assert.Equal(RuleChangeKind.Done, (await desk.PutAsync("a", Rule(), null)).Kind);
        Assert.Equal(RuleChangeKind.Done, (await desk.PutAllAsync([new("b", Rule()), new("c", Rule())], null, keepOthers: true)).Kind);
        Assert.Equal(["a", "b", "c"], Names(rig));
        var change = await desk.PutAllAsync([new("d", Rule())], null, keepOthers: false);
        Assert.Equal((RuleChangeKind.Done, rig.Engine.Rules.Revision, 0), (change.Kind, change.Revision, change.Errors.Count));
        Assert.Equal(["d"], Names(rig));
    }

    [Theory]
    [MemberData(nameof(InAFleetOrAlone))]
    public async Task Change_AtAnotherRevision_ChangesNothing(bool inAFleet)
    {
        using var rig = Rig(inAFleet, out _);
        var desk = rig.Engine.Desk;
        await desk.PutAsync("a", Rule(), null);
        var revision = rig.Engine.Rules.Revision;
        foreach (var change in (RuleChange[])[await desk.PutAsync("a", Rule(), revision + 1), await desk.DeleteAsync("a", revision - 1)])
        {
            Assert.Equal((RuleChangeKind.OtherRevision, revision, 0), (change.Kind, change.Revision, change.Errors.Count));
        }

        Assert.Equal(revision, rig.Engine.Rules.Revision);
        Assert.Equal(revision + 1, (await desk.PutAsync("a", Rule(), revision)).Revision);
        Assert.Equal(RuleChangeKind.Done, (await desk.DeleteAsync("a", revision + 1)).Kind);
        Assert.Empty(Names(rig));
    }

    [Theory]
    [MemberData(nameof(InAFleetOrAlone))]
    public async Task Rule_ThatIsWrongOrOfTheFileOrNotThere_IsToldSo(bool inAFleet)
    {
        using var rig = Rig(inAFleet, out _, FaultRig.Bold with { Rules = FaultRig.Section($"{{'file':{{{Refuse}}}}}") });
        var desk = rig.Engine.Desk;
        var refused = await desk.PutAllAsync([new("a", FaultRig.Json("{'at':'lunch'}"))], null, keepOthers: false);
        Assert.Equal(RuleChangeKind.Refused, refused.Kind);
        Assert.Equal(["a.at", "a.action"], refused.Errors.Select(static e => e.Path));
        Assert.Equal(["at", "action"], (await desk.PutAsync("a", FaultRig.Json("{'at':'lunch'}"), null)).Errors.Select(static e => e.Path));
        Assert.Equal(RuleChangeKind.OfFile, (await desk.PutAsync("file", Rule(), null)).Kind);
        Assert.Contains("\"file\"", Assert.Single((await desk.DeleteAsync("file", null)).Errors).Text, StringComparison.Ordinal);
        Assert.Equal(RuleChangeKind.NotThere, (await desk.DeleteAsync("nobody", null)).Kind);
        Assert.Equal(["file"], Names(rig));
    }

    [Theory]
    [MemberData(nameof(InAFleetOrAlone))]
    public async Task Preset_StartedByName_IsStoppedByItsRunOrItsName(bool inAFleet)
    {
        using var rig = Rig(inAFleet, out _);
        var (desk, preset) = (rig.Engine.Desk, PresetCatalogue.Find("GREYLIST")!);
        var (change, run, rules) = await desk.StartAsync(preset, Plain);
        Assert.Equal(RuleChangeKind.Done, change.Kind);
        Assert.Equal("greylist-1", run);
        Assert.Equal(preset.Rules.Select(static r => r.Key), rules);
        await desk.PutAsync("other", Rule(), null);
        Assert.Equal(RuleChangeKind.NotThere, (await desk.StopAsync("greylist-2")).Kind);
        Assert.Equal(RuleChangeKind.Done, (await desk.StopAsync(run)).Kind);
        Assert.Equal(["other"], Names(rig));
        await desk.StartAsync(preset, Plain);
        Assert.Equal(RuleChangeKind.Done, (await desk.StopAsync("greylist")).Kind);
        Assert.Equal(["other"], Names(rig));
        Assert.Equal(RuleChangeKind.NotThere, (await desk.StopAsync("greylist")).Kind);
    }

    [Theory]
    [MemberData(nameof(InAFleetOrAlone))]
    public async Task Preset_ThatCannotStart_HasNoRun(bool inAFleet)
    {
        using var rig = Rig(inAFleet, out _);
        foreach (var scale in (double[])[0, -1, 1000.1, double.NaN, double.PositiveInfinity])
        {
            var (change, run, rules) = await rig.Engine.Desk.StartAsync(PresetCatalogue.All[0], Plain with { Scale = scale });
            Assert.Equal((RuleChangeKind.Refused, "scale", "", 0),
                (change.Kind, Assert.Single(change.Errors).Path, run, rules.Count));
        }

        var (refused, none, nothing) = await rig.Engine.Desk.StartAsync(PresetCatalogue.All[0], Plain with { Ttl = null });
        Assert.Equal((RuleChangeKind.Refused, "", 0), (refused.Kind, none, nothing.Count));
        Assert.Empty(Names(rig));
    }

    [Theory]
    [MemberData(nameof(InAFleetOrAlone))]
    public async Task Reset_TakesTheRulesOfTheApiAndForgetsWhatWasCounted(bool inAFleet)
    {
        var once = "'occurrence':{'first':1,'scope':'connection'}";
        using var rig = Rig(inAFleet, out _, FaultRig.Bold with { Rules = FaultRig.Section($"{{'file':{{{once},{Refuse}}}}}") });
        await rig.Engine.Desk.PutAsync("a", FaultRig.Json($"{{'ttl':'01:00:00','at':'noop','action':{{'type':'close'}}}}"), null);
        var (faults, facts) = rig.Session();
        Assert.NotNull(faults.OnCommand(FaultPoint.Mail, facts));
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        rig.Engine.Switch.Halt("enough", "test");
        var change = await rig.Engine.Desk.ResetAsync();
        Assert.Equal((RuleChangeKind.Done, rig.Engine.Rules.Revision), (change.Kind, change.Revision));
        Assert.Equal(["file"], Names(rig));
        Assert.True(rig.Engine.IsHalted, "A reset is no resume.");
        rig.Engine.Switch.Resume();
        Assert.NotNull(faults.OnCommand(FaultPoint.Mail, facts));
    }

    [Fact]
    public async Task Change_OvertakenByAnothers_IsTriedAgainAndGivenUpAfterFive()
    {
        var fleet = new OvertakenFleet();
        using var rig = new FaultRig(fleet: fleet);
        fleet.Times = 4;
        Assert.Equal(RuleChangeKind.Done, (await rig.Engine.Desk.PutAsync("a", Rule(), null)).Kind);
        Assert.Equal(5, fleet.Tried);
        (fleet.Times, fleet.Tried) = (5, 0);
        Assert.Equal(RuleChangeKind.Unreachable, (await rig.Engine.Desk.PutAsync("b", Rule(), null)).Kind);
        Assert.Equal(5, fleet.Tried);
        Assert.Equal(["a"], Names(rig));
    }

    [Fact]
    public async Task Change_OfWhichNobodyCanSayWhetherItStands_IsNotTriedAgain()
    {
        var fleet = new OvertakenFleet { Answer = null, Times = 1 };
        using var rig = new FaultRig(fleet: fleet);
        Assert.Equal(RuleChangeKind.Unreachable, (await rig.Engine.Desk.PutAsync("a", Rule(), null)).Kind);
        Assert.Equal(1, fleet.Tried);
    }

    [Fact]
    public async Task Rule_ThatCannotWorkHere_IsToldAndNotTaken()
    {
        using var bold = Rig(true, out var fleet);
        await bold.Engine.Desk.PutAsync("risky", FaultRig.Json("{'ttl':'01:00:00','at':'endOfData','action':{'type':'blackhole'}}"), null);
        await bold.Engine.Desk.PutAsync("file", Rule(), null);
        await bold.Engine.Desk.PutAsync("good", Rule(), null);
        var options = new FaultsOptions { Enabled = true, Rules = FaultRig.Section($"{{'file':{{{Refuse}}}}}") };
        using var shy = new FaultRig(options, new FakeFleet());
        shy.Engine.Take(fleet.Rules!);
        Assert.Equal(["file", "good"], Names(shy));
        Assert.Equal(["file", "risky"], shy.Logged.Where(static l => l.StartsWith("605 ", StringComparison.Ordinal))
            .Select(static l => l.Contains("rule risky ", StringComparison.Ordinal) ? "risky" : "file").Order(StringComparer.Ordinal));
        Assert.Contains(shy.Logged, static l => l.Contains("rule file ", StringComparison.Ordinal)
            && l.Contains("a rule of the configuration has that name", StringComparison.Ordinal));
        Assert.Equal(fleet.Rules!.Revision, shy.Engine.Rules.Revision);
        shy.Time.Advance(TimeSpan.FromHours(2));
        using var late = new FaultRig(fleet: new FakeFleet());
        late.Time.Advance(TimeSpan.FromHours(2));
        late.Engine.Take(fleet.Rules!);
        Assert.Empty(Names(late));
    }

    [Fact]
    public void Rules_OfAFleet_AreNotTakenWhereFaultsAreOff()
    {
        using var rig = new FaultRig(new FaultsOptions { Enabled = false }, new FakeFleet());
        rig.Engine.Take(new SharedRules(7, 0, new Dictionary<string, SharedRule>
            { ["a"] = new(Rule(), rig.Time.GetUtcNow(), 7, "era", null) }));
        Assert.Empty(Names(rig));
        Assert.Equal(0, rig.Engine.Rules.Revision);
    }

    private static FaultRig Rig(bool inAFleet, out FakeFleet fleet, FaultsOptions? options = null)
    {
        fleet = new FakeFleet();
        return new FaultRig(options, inAFleet ? fleet : null);
    }

    private static JsonObject Rule() => FaultRig.Json($"{{'ttl':'01:00:00',{Refuse}}}");

    private static IEnumerable<string> Names(FaultRig rig) => rig.Engine.Status().Rules.Select(static r => r.Id);

    /// <summary>Another proxy's change comes first, so many times.</summary>
    private sealed class OvertakenFleet : IFaultFleet
    {
        private SharedRules _rules = SharedRules.None;

        public int Times { get; set; }

        public int Tried { get; set; }

        public bool? Answer { get; init; } = false;

        public bool IsHeard => true;

        public string Era => "era";

        public long SessionsElsewhere => 0;

        public void Halted(string reason, string by, DateTimeOffset since)
        {
        }

        public void Resumed()
        {
        }

        public Task<SharedRules?> RulesAsync() => Task.FromResult<SharedRules?>(_rules);

        public Task<bool?> TryChangeAsync(long revision, SharedRules next)
        {
            if (++Tried <= Times)
            {
                return Task.FromResult(Answer);
            }

            _rules = next;
            return Task.FromResult<bool?>(true);
        }

        public Task<long?> OccasionAsync(CommonCounter counter, string scope) => Task.FromResult<long?>(1);

        public Task<long?> TakeAsync(CommonCounter counter, CommonBudget budget, bool isNewSession) => Task.FromResult<long?>(1);

        public Task<(long Attempts, TimeSpan Age)?> AttemptAsync(CommonCounter counter, string key, TimeSpan window) =>
            Task.FromResult<(long, TimeSpan)?>((1, TimeSpan.Zero));
    }
}
