using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Tests.Faults;

/// <summary>Rules that a fleet counts are asked, wait, and go on where they were.</summary>
public sealed class SessionVerdictsTests : IDisposable
{
    private readonly FakeFleet _fleet = new();
    private readonly FaultRig _rig;

    public SessionVerdictsTests() => _rig = new FaultRig(fleet: _fleet);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task First_AskedOfAFleet_IsNotDecidedBeforeItAnswers()
    {
        await PutAsync("it", "{'at':'mail','occurrence':{'first':1},'action':{'type':'reply','code':451}}");
        var (one, facts) = _rig.Session();
        var (other, others) = _rig.Session();

        Assert.Null(one.OnCommand(FaultPoint.Mail, facts));
        Assert.True(one.IsAsking(FaultPoint.Mail, facts));
        Assert.Null(other.OnCommand(FaultPoint.Mail, others));
        Assert.Null(one.OnCommand(FaultPoint.Mail, facts));
        Assert.Equal(2, _fleet.Waiting);
        _fleet.Answer();
        _fleet.Answer();
        Assert.NotNull(one.OnCommand(FaultPoint.Mail, facts));
        Assert.Null(other.OnCommand(FaultPoint.Mail, others));
        Assert.False(one.IsAsking(FaultPoint.Mail, facts) || other.IsAsking(FaultPoint.Mail, others));
    }

    [Fact]
    public async Task Rule_ThatNobodyCanCount_DoesNotStrikeAndTheNextIsAsked()
    {
        await PutAsync("a", "{'at':'mail','order':1,'budget':{'maxInjections':9},'action':{'type':'reply','code':451}}");
        await PutAsync("b", "{'at':'mail','order':2,'action':{'type':'reply','code':452}}");
        _fleet.IsSilent = true;
        var (faults, facts) = _rig.Session();

        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        _fleet.Answer();
        Assert.Equal("b", Assert.Single(faults.OnCommand(FaultPoint.Mail, facts)!.Injections).Rule);
        Assert.Equal(1, _rig.Engine.Status().Rules[0].Skipped["fleet"]);
    }

    [Fact]
    public async Task Everything_ThatIsCounted_IsAskedOneAfterTheOtherAndOnce()
    {
        await PutAsync("it", "{'at':'rcpt','occurrence':{'first':9},'budget':{'maxInjections':1},"
            + "'action':{'type':'greylist','key':'sender','attempts':2}}");
        var (faults, facts) = _rig.Session(from: "a@b", to: "c@d");
        Strike? strike = null;
        for (var asked = 0; asked < 3; asked++)
        {
            Assert.Null(strike = faults.OnCommand(FaultPoint.Rcpt, facts));
            Assert.Equal(1, _fleet.Waiting);
            _fleet.Answer();
        }

        Assert.NotNull(faults.OnCommand(FaultPoint.Rcpt, facts));
        Assert.Equal(0, _rig.Engine.Status().Rules[0].BudgetLeft);
    }

    /// <summary>The first attempt never passes; of the others those that come late enough, or that are enough.</summary>
    [Theory]
    [InlineData("'minDelay':'00:05:00'", "0:x 299:x 300:. 14400:.")]
    [InlineData("'attempts':3", "0:x 1:x 2:. 3:.")]
    public async Task Greylist_AskedOfAFleet_LetsAProperRetryPass(string settings, string expected)
    {
        await PutAsync("it", "{'at':'rcpt','action':{'type':'greylist','key':'sender'," + settings + "}}");
        var decided = expected.Split(' ').Select(one =>
        {
            _fleet.Age = TimeSpan.FromSeconds(int.Parse(one.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture));
            var (faults, facts) = _rig.Session(from: "a@b", to: "c@d");
            Assert.Null(faults.OnCommand(FaultPoint.Rcpt, facts));
            _fleet.Answer();
            return $"{_fleet.Age.TotalSeconds}:{(faults.OnCommand(FaultPoint.Rcpt, facts) is null ? '.' : 'x')}";
        });
        Assert.Equal(expected, string.Join(' ', decided));
    }

    [Fact]
    public async Task Greylist_AskedOfAFleet_CountsEachKeyApart()
    {
        await PutAsync("it", "{'at':'mail','action':{'type':'greylist','key':'sender','attempts':2}}");
        Assert.Equal("xx..x", string.Concat(new[] { "a@x", "b@x", "a@x", "b@x", "c@x" }.Select(sender =>
        {
            var (faults, facts) = _rig.Session(from: sender);
            Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
            _fleet.Answer();
            return faults.OnCommand(FaultPoint.Mail, facts) is null ? '.' : 'x';
        })));
    }

    /// <summary>A share of sessions is one of all sessions, here and elsewhere; a fleet is told how many that is.</summary>
    [Theory]
    [InlineData("'maxAffectedRatio':0.5", null, null, 7L)]
    [InlineData("'maxInjections':9,'maxPerMinute':8", 9L, 8L, null)]
    public async Task Budget_OfARule_IsWhatTheFleetIsToldToKeep(string budget, long? injections, long? perMinute, long? sessions)
    {
        await PutAsync("it", "{'at':'mail','budget':{" + budget + "},'action':{'type':'reply','code':451}}");
        _fleet.SessionsElsewhere = 10;
        var opened = Enumerable.Range(0, 4).Select(_ => _rig.Session()).ToArray();

        Assert.Null(opened[0].Faults.OnCommand(FaultPoint.Mail, opened[0].Facts));

        Assert.Equal(new CommonBudget(injections, perMinute, sessions), Assert.Single(_fleet.Budgets));
    }

    /// <summary>The fleet is asked for the budget after the action was asked what it wants: that is not asked, and counted,
    /// again.</summary>
    [Fact]
    public async Task Limit_WhoseBudgetAFleetCounts_CountsEachSessionOnce()
    {
        await PutAsync("it", "{'at':'greeting','budget':{'maxInjections':9},'action':{'type':'limit','maxConcurrentPerClient':1}}");
        var (one, ones) = _rig.Session();
        var (two, twos) = _rig.Session();
        Assert.Null(one.OnCommand(FaultPoint.Greeting, ones));
        Assert.False(one.IsAsking(FaultPoint.Greeting, ones));
        Assert.Null(two.OnCommand(FaultPoint.Greeting, twos));
        _fleet.Answer();
        Assert.NotNull(two.OnCommand(FaultPoint.Greeting, twos));
        one.Over();
        two.Over();

        var (three, threes) = _rig.Session();
        Assert.Null(three.OnCommand(FaultPoint.Greeting, threes));
        Assert.False(three.IsAsking(FaultPoint.Greeting, threes));
    }

    [Fact]
    public async Task Fleet_NotHeardOrHaltedMeanwhile_StrikesNothing()
    {
        await PutAsync("it", "{'at':'mail','occurrence':{'first':9},'action':{'type':'reply','code':451}}");
        var (faults, facts) = _rig.Session();
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        _fleet.Answer();
        _rig.Engine.Switch.Halt("enough", "api");
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        Assert.False(faults.IsAsking(FaultPoint.Mail, facts));
        _rig.Engine.Switch.Resume();
        Assert.Equal(["api: enough", "resumed"], _fleet.Told);
        _fleet.IsHeard = false;
        Assert.Null(faults.OnCommand(FaultPoint.Mail, facts));
        Assert.Equal(0, _fleet.Waiting);
        Assert.False(_rig.Engine.Status().Armed);
    }

    [Fact]
    public async Task Rules_WhereTheFleetCannotBeAsked_AreNotChanged()
    {
        _fleet.Rules = null;
        Assert.Equal(RuleChangeKind.Unreachable, await ChangeAsync("it", "{'at':'mail','action':{'type':'reply','code':451}}"));
        Assert.Empty(_rig.Engine.Rules.Texts());
    }

    [Fact]
    public async Task Rules_OfTheFleet_AreTakenOnceEachAndTheirLivesCountFromWhenTheyWereMade()
    {
        await PutAsync("it", "{'at':'mail','action':{'type':'reply','code':451}}");
        var made = _fleet.Rules!;
        _rig.Time.Advance(TimeSpan.FromMinutes(30));
        using var late = new FaultRig(fleet: new FakeFleet());
        late.Time.SetUtcNow(_rig.Time.GetUtcNow());
        late.Engine.Take(made);
        Assert.Equal(made.Revision, late.Engine.Rules.Revision);
        Assert.Equal(_rig.Time.GetUtcNow() + TimeSpan.FromMinutes(30), late.Engine.Status().NextExpiry);
        var changes = 0;
        late.Engine.Changed += () => changes++;
        late.Engine.Take(made);
        late.Engine.Take(SharedRules.None);
        Assert.Equal(0, changes);
        Assert.Single(late.Engine.Rules.Texts());
    }

    private async Task PutAsync(string id, string text) => Assert.Equal(RuleChangeKind.Done, await ChangeAsync(id, text));

    private async Task<RuleChangeKind> ChangeAsync(string id, string text)
    {
        JsonObject rule = FaultRig.Json(text);
        rule["ttl"] = "01:00:00";
        return (await _rig.Engine.Desk.PutAsync(id, rule, null)).Kind;
    }
}
