using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>What stands while a fleet is asked, what it is asked by, and that nothing is taken twice.</summary>
public sealed class SessionVerdictsFleetTests : IDisposable
{
    private const string Refuse = "'at':'mail','action':{'type':'reply','code':451}";
    private readonly FakeFleet _fleet = new();
    private readonly FaultRig _rig;

    public SessionVerdictsFleetTests() => _rig = new FaultRig(fleet: _fleet);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Strike_ThatIsGoneOnWith_KeepsWhatStruckBeforeAndWhatIsTaken()
    {
        await PutAsync("a", "'order':1," + Refuse);
        await PutAsync("b", "'order':2,'occurrence':{'first':9},'at':'mail','action':{'type':'delay','duration':'00:00:01'}");
        await PutAsync("c", "'order':3," + Refuse);
        var (faults, facts) = _rig.Session();
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        _fleet.Answer();
        var strike = faults.OnCommand(FaultPoint.Mail, facts)!;
        Assert.Equal(["a", "b"], strike.Injections.Select(static i => i.Rule));
        Assert.Equal(TimeSpan.FromSeconds(1), strike.BeforeReply);
        Assert.Equal([1L, 1L, 0L], _rig.Engine.Status().Rules.Select(static r => r.Injected));
        Assert.Equal([0, 0, 1], _rig.Engine.Status().Rules.Select(static r => (int)r.Skipped.GetValueOrDefault("conflict")));
        Assert.Equal(2, _rig.Engine.Active);
    }

    /// <summary>The session is told when there is an answer to what it asked last, and not by one that it has already.</summary>
    [Fact]
    public async Task Session_ThatWaits_IsToldOfTheAnswerItWaitsFor()
    {
        await PutAsync("it", "'at':'rcpt','occurrence':{'first':9},'budget':{'maxInjections':9},"
            + "'action':{'type':'greylist','key':'sender'}");
        var (faults, facts) = _rig.Session(from: "a@b", to: "c@d");
        for (var asked = 0; asked < 3; asked++)
        {
            var isAnswered = false;
            var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            faults.Decided = () => told.TrySetResult(Volatile.Read(ref isAnswered));
            Assert.Null(faults.OnCommand(FaultPoint.Rcpt, facts));
            for (var turn = 0; turn < 10; turn++)
            {
                await Task.Run(static () => { });
            }

            Volatile.Write(ref isAnswered, true);
            _fleet.Answer();
            Assert.True(await told.Task, $"{asked + 1}");
        }

        Assert.NotNull(faults.OnCommand(FaultPoint.Rcpt, facts));
    }

    [Fact]
    public async Task Explain_OfWhatAFleetCounts_SaysSoAndAsksNobody()
    {
        await PutAsync("a", "'order':1,'occurrence':{'first':1}," + Refuse);
        await PutAsync("b", "'order':2,'at':'mail','action':{'type':'greylist','key':'sender'}");
        await PutAsync("c", "'order':3,'budget':{'maxInjections':1}," + Refuse);
        await PutAsync("d", "'order':4,'occurrence':{'first':1,'scope':'connection'}," + Refuse);
        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(["the fleet counts", "the fleet counts", "fires", "conflict"],
                Assert.Single(_rig.Engine.Explain(FaultRig.Facts())).Rules.Select(static r => r.Why));
        }

        Assert.Equal(0, _fleet.Waiting);
        Assert.Equal(1, _rig.Engine.Status().Rules[2].BudgetLeft);
        Assert.Equal(0, _rig.Engine.Active);
    }

    /// <summary>The session goes on meanwhile, and other rules draw.</summary>
    [Fact]
    public async Task Draw_MadeBeforeTheFleetIsAsked_IsTheOneThatIsTold()
    {
        await PutAsync("it", "'budget':{'maxInjections':9}," + Refuse);
        await PutAsync("other", "'at':'noop','action':{'type':'close'}");
        using var alone = new FaultRig();
        alone.Put("it", $"{{{Refuse}}}");
        var (undisturbed, its) = alone.Session();
        var expected = Assert.Single(undisturbed.OnCommand(FaultPoint.Mail, its)!.Injections).DecisionKey;

        var (faults, facts) = _rig.Session();
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        Assert.NotNull(faults.OnCommand(FaultPoint.Noop, facts));
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        _fleet.Answer();
        Assert.Equal(expected, Assert.Single(faults.OnCommand(FaultPoint.Mail, facts)!.Injections).DecisionKey);
        Assert.EndsWith(":1", expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Budget_ThatTheProxyItselfRefuses_IsNotTakenFromTheFleet()
    {
        await PutAsync("it", "'budget':{'maxInjections':9,'maxConcurrent':1}," + Refuse);
        var (one, ones) = _rig.Session();
        Assert.Null(one.OnCommand(FaultPoint.Mail, ones));
        _fleet.Answer();
        var injection = Assert.Single(one.OnCommand(FaultPoint.Mail, ones)!.Injections);
        Assert.Equal((1L, 1, 8L), (Rule().Injected, Rule().Active, Rule().BudgetLeft!.Value));

        var (two, twos) = _rig.Session();
        Assert.Null(two.OnCommand(FaultPoint.Mail, twos));
        Assert.False(two.IsAsking(FaultPoint.Mail, twos));
        Assert.Equal((0, 1L), (_fleet.Waiting, Rule().Skipped["budget"]));

        injection.Done();
        Assert.Equal((0, 0), (Rule().Active, _rig.Engine.Active));
        Assert.Null(two.OnCommand(FaultPoint.Mail, twos));
        _fleet.Answer();
        Assert.NotNull(two.OnCommand(FaultPoint.Mail, twos));
        Assert.Equal((2L, 1, 7L), (Rule().Injected, Rule().Active, Rule().BudgetLeft!.Value));
    }

    [Fact]
    public async Task Budget_ThatIsSpentElsewhere_StrikesNoMore()
    {
        await PutAsync("it", "'budget':{'maxInjections':1}," + Refuse);
        var sessions = Enumerable.Range(0, 3).Select(_ => _rig.Session()).ToArray();
        foreach (var (faults, facts) in sessions)
        {
            Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        }

        Assert.Equal(3, _fleet.Waiting);
        var struck = sessions.Select(session =>
        {
            _fleet.Answer();
            return session.Faults.OnCommand(FaultPoint.Mail, session.Facts) is not null;
        }).ToArray();
        Assert.Equal([true, false, false], struck);
        Assert.Equal((1L, 2L, 1), (Rule().Injected, Rule().Skipped["budget"], _rig.Engine.Active));
    }

    [Fact]
    public async Task BudgetLeft_IsWhatTheWholeFleetHasLeft()
    {
        await PutAsync("it", "'budget':{'maxInjections':9}," + Refuse);
        using var other = new FaultRig(fleet: _fleet);
        other.Engine.Take(_fleet.Rules!);
        foreach (var rig in (FaultRig[])[_rig, _rig, other])
        {
            var (faults, facts) = rig.Session();
            Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
            _fleet.Answer();
            Assert.NotNull(faults.OnCommand(FaultPoint.Mail, facts));
        }

        Assert.Equal((7L, 6L), (Rule().BudgetLeft!.Value, other.Engine.Status().Rules[0].BudgetLeft!.Value));
    }

    /// <summary>A rule that is made again begins anew, what others change does not touch it, and it is kept as long as it lives.</summary>
    [Fact]
    public async Task Counter_OfARuleOfTheApi_IsItsNameAndTheRevisionThatMadeIt()
    {
        await PutAsync("it", "'occurrence':{'first':9}," + Refuse);
        Ask();
        await PutAsync("other", "'at':'noop','action':{'type':'close'}");
        Assert.Equal(1, Rule().Injected);
        _rig.Time.Advance(TimeSpan.FromMinutes(30));
        Ask();
        Assert.Equal(2, Rule().Injected);
        await PutAsync("it", "'occurrence':{'first':9}," + Refuse);
        Assert.Equal(0, Rule().Injected);
        Ask();
        _rig.Time.Advance(TimeSpan.FromHours(1));
        Ask();
        Assert.Equal([("it@1", "era", 61), ("it@1", "era", 31), ("it@3", "era", 61), ("it@3", "era", 1)], Counters());
        Assert.Equal([3L, 2L], _fleet.Rules!.Rules.OrderBy(static r => r.Key).Select(static r => r.Value.Made));
        Assert.Equal(0, _fleet.Rules.Epoch);
    }

    /// <summary>One of a file may come back with its process: it is known by what it says.</summary>
    [Fact]
    public async Task Counter_OfARuleOfAFile_IsItsTextUntilAllIsForgotten()
    {
        var options = FaultRig.Bold with { Rules = FaultRig.Section($"{{'file':{{'occurrence':{{'first':9}},{Refuse}}}}}") };
        using var rig = new FaultRig(options, _fleet);
        rig.Engine.Take(SharedRules.None);
        Ask(rig);
        var change = await rig.Engine.Desk.ResetAsync();
        Assert.Equal((1L, 1L, 1L), (change.Revision, _fleet.Rules!.Revision, _fleet.Rules.Epoch));
        Ask(rig);
        rig.Options = options with { Rules = FaultRig.Section($"{{'file':{{'order':7,'occurrence':{{'first':9}},{Refuse}}}}}") };
        rig.Engine.Reload();
        rig.Engine.Take(_fleet.Rules);
        Ask(rig);
        var counters = Counters();
        Assert.All(counters, static c => Assert.Equal(("era", 24 * 60), (c.Era, c.Minutes)));
        Assert.All(counters, static c => Assert.Matches("^file#[0-9a-f]{16}#[01]$", c.Name));
        Assert.Equal(counters[0].Name[..^1] + "1", counters[1].Name);
        Assert.NotEqual(counters[1].Name, counters[2].Name);
    }

    [Fact]
    public void Rule_ThatWasNotToldWhereTheFleetCounts_DoesNotStrike()
    {
        var options = FaultRig.Bold with { Rules = FaultRig.Section($"{{'file':{{'occurrence':{{'first':9}},{Refuse}}}}}") };
        using var rig = new FaultRig(options, _fleet);
        Assert.Equal("..", rig.Pattern(2));
        Assert.Equal((2L, 0), (rig.Engine.Status().Rules[0].Skipped["fleet"], _fleet.Waiting));
    }

    [Theory]
    [InlineData("", 4 * 60)]
    [InlineData(",'window':'00:30:00'", 30)]
    public async Task Greylist_AskedOfAFleet_TellsItsWindow(string window, int minutes)
    {
        await PutAsync("it", $"'at':'mail','action':{{'type':'greylist','key':'client'{window}}}");
        var (faults, facts) = _rig.Session();
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        Assert.Equal(TimeSpan.FromMinutes(minutes), Assert.Single(_fleet.Windows));
    }

    [Fact]
    public async Task Fleet_ThatIsNotHeard_IsTheReasonThatIsCounted()
    {
        await PutAsync("it", Refuse);
        _fleet.IsHeard = false;
        Assert.Equal("..", _rig.Pattern(2));
        Assert.Equal(2, Rule().Skipped["fleet"]);
        Assert.DoesNotContain(_rig.Logged, static l => l.StartsWith("604 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Affected_OfAFleet_AreSessionsNotStrikes()
    {
        await PutAsync("it", "'budget':{'maxAffectedRatio':1}," + Refuse);
        foreach (var (faults, facts) in (ValueTuple<ISessionFaults, FaultFacts>[])[_rig.Session(), _rig.Session()])
        {
            for (var time = 0; time < 2; time++)
            {
                Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
                _fleet.Answer();
                Assert.NotNull(faults.OnCommand(FaultPoint.Mail, facts));
            }
        }

        Assert.Equal([true, false, true, false], _fleet.AreNew);
    }

    /// <summary>A moment comes once; the rule that was asked about then is not asked whether it has come.</summary>
    [Fact]
    public async Task Moment_AtWhichTheFleetIsAsked_IsNotOverMeanwhile()
    {
        await PutAsync("it", "'at':'elapsed','afterTime':'00:00:01','occurrence':{'first':9},'action':{'type':'close'}");
        var (faults, facts) = _rig.Session();
        facts.Elapsed = TimeSpan.FromSeconds(1);
        Assert.Null(faults.OnCommand(FaultPoint.Elapsed, facts));
        _fleet.Answer();
        Assert.NotNull(faults.OnCommand(FaultPoint.Elapsed, facts));
    }

    /// <summary>That it is asked about one does not say that the moment of the next has come.</summary>
    [Fact]
    public async Task Moment_OfAnotherRule_HasNotComeSinceTheFleetWasAsked()
    {
        const string Delay = "'at':'dataBody','action':{'type':'delay','duration':'00:00:01'}";
        await PutAsync("a", "'order':1,'afterBytes':10,'occurrence':{'first':9}," + Delay);
        await PutAsync("b", "'order':2,'afterBytes':20," + Delay);
        var (faults, facts) = _rig.Session();
        facts.BodyOctets = 10;
        Assert.Null(faults.OnCommand(FaultPoint.DataBody, facts));
        _fleet.Answer();
        Assert.Equal("a", Assert.Single(faults.OnCommand(FaultPoint.DataBody, facts)!.Injections).Rule);
    }

    [Fact]
    public async Task Rules_ThatWereMadeTogether_AreKeptApart()
    {
        KeyValuePair<string, JsonObject> Made(string id) => KeyValuePair.Create(id, FaultRig.Json($"{{'ttl':'01:00:00',{Refuse}}}"));
        await _rig.Engine.Desk.PutAllAsync([Made("it"), Made("b")], null, keepOthers: true);
        await _rig.Engine.Desk.PutAllAsync([Made("c")], null, keepOthers: true);
        Assert.Equal(["b", "c", "it"], _rig.Engine.Status().Rules.Select(static r => r.Id));
    }

    [Fact]
    public void Rule_OfAFleetThatIsWrongHere_IsLoggedWithAllThatIs()
    {
        _rig.Engine.Take(new SharedRules(1, 0, new Dictionary<string, SharedRule>
            { ["bad"] = new(FaultRig.Json("{'at':'mail','order':'x','enabled':'y'}"), _rig.Time.GetUtcNow(), 1, "era", null) }));
        Assert.Empty(_rig.Engine.Rules.Texts());
        Assert.Contains("rule bad cannot work here, and does not: order \"x\" is not a whole number; enabled \"y\" is not true or false; "
            + "action is missing; ", Assert.Single(_rig.Logged, static l => l.StartsWith("605 ", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_OfAFleetThatNeverHadAny_AreNone() =>
        Assert.Equal((0L, 0L, 0), (SharedRules.None.Revision, SharedRules.None.Epoch, SharedRules.None.Rules.Count));

    private void Ask(FaultRig? rig = null)
    {
        var (faults, facts) = (rig ?? _rig).Session();
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        Assert.True(faults.IsAsking(FaultPoint.Mail, facts));
        _fleet.Answer();
        Assert.NotNull(faults.OnCommand(FaultPoint.Mail, facts));
    }

    private (string Name, string Era, int Minutes)[] Counters() =>
        [.. _fleet.Counters.Select(static c => (c.Name, c.Era, (int)c.Kept.TotalMinutes))];

    private RuleStatus Rule() => Assert.Single(_rig.Engine.Status().Rules, static r => r.Id == "it");

    private async Task PutAsync(string id, string members)
    {
        JsonObject rule = FaultRig.Json($"{{'ttl':'01:00:00',{members}}}");
        Assert.Equal(RuleChangeKind.Done, (await _rig.Engine.Desk.PutAsync(id, rule, null)).Kind);
    }
}
