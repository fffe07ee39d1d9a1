using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>What a session is told that rules wait for, so that it looks there and nowhere else.</summary>
public sealed class WatchedPointsTests
{
    [Fact]
    public void Watches_OfEachPoint_AreOfTheRulesThatCanFit()
    {
        using var rig = new FaultRig();
        rig.Put("before", "{'at':'mail','action':{'type':'close'}}");
        rig.Put("behind", "{'at':'endOfData','action':{'type':'ackLoss'}}");
        rig.Put("both", "{'at':'endOfData','action':{'type':'rejectMessage'}}");
        rig.Put("reply", "{'at':'rset','match':{'upstreamReply':'2xx'},'action':{'type':'extraReply'}}");
        rig.Put("elsewhere", "{'at':'noop','match':{'listener':'other'},'action':{'type':'close'}}");
        rig.Put("off", "{'at':'vrfy','enabled':false,'action':{'type':'close'}}");
        var (faults, facts) = rig.Session();
        Assert.Equal((Watch.Command, Watch.Reply | Watch.Command | Watch.CutsOff, Watch.Reply, Watch.None, Watch.None, Watch.None),
            (faults.Watches(FaultPoint.Mail), faults.Watches(FaultPoint.EndOfData), faults.Watches(FaultPoint.Rset),
                faults.Watches(FaultPoint.Noop), faults.Watches(FaultPoint.Vrfy), faults.Watches(FaultPoint.Rcpt)));
        Assert.Equal((false, true, true),
            (faults.AwaitsReply(FaultPoint.Mail, facts), faults.AwaitsReply(FaultPoint.EndOfData, facts),
                faults.AwaitsReply(FaultPoint.Rset, facts)));
        Assert.True(faults.IsArmed);
    }

    /// <summary>A reply is kept for a rule that may strike it, and for no other.</summary>
    [Theory]
    [InlineData("'a@*'", "a@x", true)]
    [InlineData("'a@*'", "b@x", false)]
    public void AwaitsReply_OfRulesOfTheSamePoint_AsksThoseThatStrikeItAndFit(string sender, string from, bool awaits)
    {
        using var rig = new FaultRig();
        rig.Put("reply", $"{{'at':'endOfData','match':{{'mailFrom':{sender}}},'action':{{'type':'ackLoss'}}}}");
        rig.Put("command", "{'at':'endOfData','action':{'type':'delay','duration':'00:00:01','where':'beforeForward'}}");
        var (faults, facts) = rig.Session(from: from);
        Assert.Equal(awaits, faults.AwaitsReply(FaultPoint.EndOfData, facts));
    }

    [Fact]
    public void Watches_OfTheFirstAndTheLastPoint_AreKnownToo()
    {
        using var rig = new FaultRig();
        var points = Enum.GetValues<FaultPoint>();
        foreach (var point in points.Where(static p => p != FaultPoint.TlsHandshake))
        {
            var after = point is FaultPoint.Idle or FaultPoint.Elapsed ? "'afterTime':'00:00:01'," : "";
            rig.Put(FaultNames.Of(point),
                $"{{'at':'{FaultNames.Of(point)}',{after}'action':{{'type':'throttle','bytesPerSecond':1}}}}");
        }

        var (faults, _) = rig.Session();
        Assert.All(points.Where(static p => p != FaultPoint.TlsHandshake), p => Assert.Equal(Watch.Command, faults.Watches(p)));
    }

    [Fact]
    public void AnyCommand_IsEveryCommandLineAndNothingElse()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'anyCommand','action':{'type':'close'}}");
        var (faults, _) = rig.Session();
        Assert.Equal(
            ["ehlo", "helo", "starttls", "auth", "mail", "rcpt", "data", "rset", "noop", "vrfy", "quit", "anyCommand"],
            Enum.GetValues<FaultPoint>().Where(p => faults.Watches(p) != Watch.None).Select(FaultNames.Of));
    }

    [Theory]
    [InlineData("submission", true)]
    [InlineData("SUBMISSION", true)]
    [InlineData("other", false)]
    public void Listener_OnWhichFaultsMayStrike_IsWatched(string allowed, bool isWatched)
    {
        using var rig = new FaultRig(FaultRig.Bold with { Listeners = FaultRig.Section($"{{'0':'{allowed}'}}") });
        rig.Put("it", "{'at':'mail','action':{'type':'close'}}");
        var (faults, facts) = rig.Session();
        Assert.Equal((isWatched, isWatched, isWatched),
            (faults.IsArmed, faults.Watches(FaultPoint.Mail) == Watch.Command, faults.OnCommand(FaultPoint.Mail, facts) is not null));
    }

    [Theory]
    [InlineData("relays", null, true)]
    [InlineData("Relays", null, true)]
    [InlineData("other", null, false)]
    [InlineData("other", "other", true)]
    [InlineData("other", "another", false)]
    public void Relay_BeforeWhichFaultsMayStrike_IsOfTheClusterOrTheDestination(string allowed, string? destination, bool strikes)
    {
        using var rig = new FaultRig(FaultRig.Bold with { Upstreams = FaultRig.Section($"{{'0':'{allowed}'}}") });
        rig.Put("it", "{'at':'endOfData','action':{'type':'ackLoss'}}");
        var (faults, facts) = rig.Session();
        (facts.Destination, facts.RelayCode) = (destination, 250);
        Assert.Equal(strikes, faults.AwaitsReply(FaultPoint.EndOfData, facts));
        Assert.Equal(strikes, faults.OnReply(FaultPoint.EndOfData, facts) is not null);
    }

    [Fact]
    public void Body_IsAskedAtTheOffsetOfEachRule()
    {
        using var rig = new FaultRig();
        rig.Put("a", "{'at':'dataBody','afterBytes':100,'action':{'type':'throttle','bytesPerSecond':9}}");
        rig.Put("b", "{'at':'dataBody','afterBytes':50,'action':{'type':'throttle','bytesPerSecond':8}}");
        rig.Put("c", "{'at':'dataBody','afterBytes':10,'match':{'listener':'other'},'action':{'type':'close'}}");
        var (faults, facts) = rig.Session();
        Assert.Equal((50, 50, 100, 100, null), (faults.NextBodyOffset(0), faults.NextBodyOffset(49), faults.NextBodyOffset(50),
            faults.NextBodyOffset(99), faults.NextBodyOffset(100)));
        foreach (var (octets, rule) in ((long, string?)[])[(49, null), (50, "b"), (51, null), (100, "a")])
        {
            facts.BodyOctets = octets;
            Assert.Equal(rule, faults.OnCommand(FaultPoint.DataBody, facts)?.Injections.Single().Rule);
        }
    }

    [Fact]
    public void Silence_IsAskedAfterTheTimeOfEachRule()
    {
        using var rig = new FaultRig();
        rig.Put("a", "{'at':'idle','afterTime':'00:00:09','action':{'type':'close'}}");
        rig.Put("b", "{'at':'idle','afterTime':'00:00:05','action':{'type':'throttle','bytesPerSecond':9}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(TimeSpan.FromSeconds(5), faults.NextIdle(TimeSpan.Zero));
        Assert.Equal("b", faults.OnCommand(FaultPoint.Idle, facts)!.Injections.Single().Rule);
        Assert.Equal(TimeSpan.FromSeconds(9), faults.NextIdle(TimeSpan.FromSeconds(5)));
        Assert.Equal("a", faults.OnCommand(FaultPoint.Idle, facts)!.Injections.Single().Rule);
        Assert.Null(faults.NextIdle(TimeSpan.FromSeconds(9)));
        Assert.Equal("a", faults.OnCommand(FaultPoint.Idle, facts)!.Injections.Single().Rule);
    }

    [Fact]
    public void Age_IsAskedOnceForEachRule()
    {
        using var rig = new FaultRig();
        rig.Put("a", "{'at':'elapsed','afterTime':'00:00:09','action':{'type':'close'}}");
        rig.Put("b", "{'at':'elapsed','afterTime':'00:00:05','action':{'type':'throttle','bytesPerSecond':9}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(TimeSpan.FromSeconds(5), faults.NextElapsed(TimeSpan.Zero));
        facts.Elapsed = TimeSpan.FromSeconds(5);
        Assert.Equal("b", faults.OnCommand(FaultPoint.Elapsed, facts)!.Injections.Single().Rule);
        Assert.Null(faults.OnCommand(FaultPoint.Elapsed, facts));
        Assert.Equal(TimeSpan.FromSeconds(9), faults.NextElapsed(TimeSpan.Zero));
        facts.Elapsed = TimeSpan.FromSeconds(20);
        Assert.Equal("a", faults.OnCommand(FaultPoint.Elapsed, facts)!.Injections.Single().Rule);
        Assert.Null(faults.NextElapsed(TimeSpan.Zero));
    }

    [Fact]
    public void Nothing_IsWaitedForWhereThereAreNoRules()
    {
        using var rig = new FaultRig();
        var (faults, _) = rig.Session();
        Assert.Equal((false, null, null, null),
            (faults.IsArmed, faults.NextBodyOffset(0), faults.NextIdle(TimeSpan.Zero), faults.NextElapsed(TimeSpan.Zero)));
        rig.Put("it", "{'at':'dataBody','action':{'type':'close'}}");
        Assert.Equal((true, 1, null, null),
            (faults.IsArmed, faults.NextBodyOffset(0), faults.NextIdle(TimeSpan.Zero), faults.NextElapsed(TimeSpan.Zero)));
    }

    [Fact]
    public void Rules_OfOnePoint_AreAskedInOrderAndOneThatEndsLeavesRoomForDelays()
    {
        using var rig = new FaultRig();
        rig.Put("z", "{'at':'mail','order':1,'action':{'type':'reply','code':451}}");
        rig.Put("a", "{'at':'mail','order':2,'action':{'type':'reply','code':452}}");
        rig.Put("any", "{'at':'anyCommand','order':3,'action':{'type':'delay','duration':'00:00:01'}}");
        rig.Put("b", "{'at':'mail','order':3,'action':{'type':'delay','duration':'00:00:02'}}");
        var (faults, facts) = rig.Session();
        var strike = faults.OnCommand(FaultPoint.Mail, facts)!;
        Assert.Equal(["z", "any", "b"], strike.Injections.Select(static i => i.Rule));
        Assert.Equal(TimeSpan.FromSeconds(3), strike.BeforeReply);
        Assert.Equal("451 Fault injected\r\n", Said.By(strike, ""));
        Assert.Equal(1, rig.Engine.Status().Rules.Single(static r => r.Id == "a").Skipped["conflict"]);
    }

    [Fact]
    public void Reply_OfACommandThatWasStruck_IsNotStruckAgain()
    {
        using var rig = new FaultRig();
        rig.Put("before", "{'at':'ehlo','action':{'type':'editCapabilities','remove':'SIZE'}}");
        rig.Put("behind", "{'at':'ehlo','action':{'type':'rewriteReply','code':451}}");
        var (faults, facts) = rig.Session();
        (facts.Commands, facts.RelayCode) = (1, 250);
        Assert.NotNull(faults.OnCommand(FaultPoint.Ehlo, facts));
        Assert.Null(faults.OnReply(FaultPoint.Ehlo, facts));
        Assert.Equal(1, rig.Engine.Status().Rules.Single(static r => r.Id == "behind").Skipped["conflict"]);
        facts.Commands = 2;
        Assert.NotNull(faults.OnReply(FaultPoint.Ehlo, facts));
    }
}
