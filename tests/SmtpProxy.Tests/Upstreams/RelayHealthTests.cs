using SmtpProxy.Upstreams;

namespace SmtpProxy.Tests.Upstreams;

public sealed class RelayHealthTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(RelayReport.ConnectFailed)]
    [InlineData(RelayReport.GreetingFailed)]
    [InlineData(RelayReport.TlsFailed, ", the last: TLS with it could not be established")]
    public async Task Report_ThreeFailuresInARow_TakeARelayOut_UntilThePeriodIsOver(RelayReport failure, string more = "")
    {
        await using var rig = Primary();
        Assert.Equal(["a", "a", "a", "b"], [.. rig.Sessions(3, failure), rig.Pick().Destination]);
        Assert.Equal((false, "Unhealthy", $"3 failures in a row{more}"), (rig.View("a").Up, rig.View("a").Health, rig.View("a").Why));
        Assert.Contains(rig.Log, static line =>
            line.Contains("Relay a of cluster relays failed 3 times in a row and is left alone for 00:00:10", StringComparison.Ordinal));

        rig.Time.Advance(Period - TimeSpan.FromTicks(1));
        Assert.Equal("b", rig.Pick().Destination);
        rig.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("a", rig.Pick().Destination);
        Assert.Equal("Unknown", rig.View("a").Health);
    }

    [Fact]
    public async Task Report_AfterThePeriod_OneMoreFailureIsEnough_AndOneAnswerEndsIt()
    {
        await using var rig = Primary();
        rig.Sessions(3, RelayReport.ConnectFailed);
        rig.Time.Advance(Period);
        Assert.Equal(["a", "b"], [.. rig.Sessions(1, RelayReport.ConnectFailed), rig.Pick().Destination]);

        rig.Time.Advance(Period);
        rig.Sessions(1, RelayReport.Greeted);
        Assert.Equal("Healthy", rig.View("a").Health);
        Assert.Equal(["a", "a", "a"], [.. rig.Sessions(2, RelayReport.ConnectFailed), rig.Pick().Destination]);
    }

    [Fact]
    public async Task Relay_ThatWasTakenOut_IsUpWhenItAnswers_AndNotWhenItsTimeIsOver()
    {
        await using var rig = Primary();
        rig.Sessions(3, RelayReport.ConnectFailed);
        Assert.Equal(("down", false), State(rig));
        rig.Time.Advance(Period);
        Assert.Equal(("trying", false), State(rig));
        Assert.Equal("3 failures in a row; it is tried again and has not answered yet", rig.View("a").Why);
        rig.Sessions(1, RelayReport.ConnectFailed);
        Assert.Equal(("down", false), State(rig));
        rig.Time.Advance(Period);
        rig.Sessions(1, RelayReport.Greeted);
        Assert.Equal(("up", true), State(rig));

        static (string, bool) State(PoolRig rig)
        {
            var state = rig.Pool.Current().Single(static s => s.Destination == "a");
            Assert.Equal((state.State, state.Up), (rig.View("a").State, rig.View("a").Up));
            return (state.State, state.Up);
        }
    }

    [Fact]
    public async Task Relay_Drained_KeepsItsSessionsAndGetsNone_UntilItIsPutBack()
    {
        await using var rig = Primary();
        using var session = rig.Pick();
        Assert.Equal("a", session.Destination);
        rig.Drain("a", true);
        Assert.Equal(("draining", false, 1), (rig.View("a").State, rig.View("a").Up, rig.View("a").Sessions));
        Assert.Equal("b", rig.Pick().Destination);
        rig.Drain("b", true);
        Assert.Equal("every relay of cluster 'relays' was taken out of service", rig.WhyNot());
        rig.Drain("a", false);
        Assert.Equal(("a", "up"), (rig.Pick().Destination, rig.View("a").State));
        Assert.Empty(rig.Drain("nobody", true));
    }

    [Theory]
    [InlineData(RelayReport.Greeted)]
    [InlineData(RelayReport.GreetingRefused)]
    public async Task Report_AnAnswerBetweenFailures_LeavesTheRelayIn(RelayReport answer)
    {
        await using var rig = Primary();
        rig.Sessions(2, RelayReport.ConnectFailed);
        rig.Sessions(1, answer);
        rig.Sessions(2, RelayReport.GreetingFailed);
        Assert.Equal("a", rig.Pick().Destination);
    }

    [Fact]
    public async Task Report_RefusalsOnly_NeverTakeARelayOut()
    {
        await using var rig = Primary();
        Assert.All(rig.Sessions(20, RelayReport.GreetingRefused), static relay => Assert.Equal("a", relay));
        Assert.Equal((20, true), (rig.View("a").GreetingsRefused, rig.View("a").Up));
    }

    [Fact]
    public async Task Report_OfEachKind_IsCounted()
    {
        await using var rig = new PoolRig(PoolRig.Relays(1));
        rig.Sessions(4, RelayReport.Greeted);
        rig.Sessions(3, RelayReport.GreetingRefused);
        rig.Sessions(2, RelayReport.ConnectFailed);
        rig.Sessions(1, RelayReport.GreetingFailed);
        var view = rig.View("a");
        Assert.Equal(new RelayEvent(rig.Time.GetUtcNow(), "greeting_failed"), view.LastSession);
        Assert.Equal((4L, 3L, 2L, 1L), (view.Greeted, view.GreetingsRefused, view.ConnectFailures, view.GreetingFailures));
    }

    [Fact]
    public async Task Pick_WhenAllLookDead_StillTriesThem()
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, "RoundRobin"));
        rig.Sessions(6, RelayReport.ConnectFailed);
        Assert.False(rig.View("a").Up || rig.View("b").Up);
        var first = rig.Pick();
        Assert.NotEqual(first.Destination, rig.Pick(first).Destination);
        rig.Report(first, RelayReport.Greeted);
        Assert.True(rig.View(first.Destination).Up);
    }

    [Fact]
    public async Task Pick_WhenTheOneThatLookedAliveFails_TriesTheOneThatLookedDead()
    {
        await using var rig = Primary();
        rig.Sessions(3, RelayReport.ConnectFailed);
        var b = rig.Pick();
        Assert.Equal("b", b.Destination);
        Assert.Equal("a", rig.Pick(b).Destination);
    }

    [Fact]
    public async Task Pick_WithHealthyAndUnknown_TurnsAwayWhenAllLookDead()
    {
        var settings = PoolRig.Relays(1);
        settings["relays:HealthCheck:AvailableDestinationsPolicy"] = "HealthyAndUnknown";
        await using var rig = new PoolRig(settings);
        rig.Sessions(3, RelayReport.ConnectFailed);
        Assert.Equal("no relay in cluster 'relays' is available", rig.WhyNot());
    }

    [Fact]
    public async Task Threshold_AndPeriodOfTheCluster_Apply()
    {
        var settings = PoolRig.Relays(2, "FirstAlphabetical");
        settings["relays:Metadata:SmtpFailures.Threshold"] = "1";
        settings["relays:HealthCheck:Passive:Policy"] = "smtpfailures";
        settings["relays:HealthCheck:Passive:ReactivationPeriod"] = "00:02:00";
        await using var rig = new PoolRig(settings);
        Assert.Equal(["a", "b"], [.. rig.Sessions(1, RelayReport.ConnectFailed), rig.Pick().Destination]);
        rig.Time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal("down", rig.View("a").State);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("trying", rig.View("a").State);
    }

    [Fact]
    public async Task Passive_SwitchedOff_CountsAndDoesNotJudge()
    {
        var settings = PoolRig.Relays(2, "FirstAlphabetical");
        settings["relays:HealthCheck:Passive:Enabled"] = "false";
        await using var rig = new PoolRig(settings);
        Assert.All(rig.Sessions(9, RelayReport.ConnectFailed), static relay => Assert.Equal("a", relay));
        Assert.Equal(9, rig.View("a").ConnectFailures);
    }

    private static PoolRig Primary() => new(PoolRig.Relays(2, "FirstAlphabetical"));
}
