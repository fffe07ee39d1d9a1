using SmtpProxy.Faults;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Tests.Faults.Acting;

/// <summary>Actions by their exact numbers, beyond what they remember, and at replies that are not as usual.</summary>
public sealed class FaultActionEdgesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    /// <summary>Draws of which Box and Muller make -2, 0, 2, 4 and -4 deviations; three of them are the half of what may be.</summary>
    [Theory]
    [InlineData("'min':'00:00:00','max':'00:00:06','distribution':'normal'", 1 - 0.1353352832366127, 0.5, 1.0)]
    [InlineData("'min':'00:00:00','max':'00:00:06','distribution':'normal'", 1 - 0.1353352832366127, 0.25, 3.0)]
    [InlineData("'min':'00:00:00','max':'00:00:06','distribution':'normal'", 1 - 0.1353352832366127, 0.0, 5.0)]
    [InlineData("'min':'00:00:00','max':'00:00:06','distribution':'normal'", 1 - 0.00033546262790251185, 0.0, 6.0)]
    [InlineData("'min':'00:00:00','max':'00:00:06','distribution':'normal'", 1 - 0.00033546262790251185, 0.5, 0.0)]
    [InlineData("'min':'00:00:02','max':'00:00:06'", 0.25, 0.9, 3.0)]
    [InlineData("'min':'00:00:02','max':'00:00:06','distribution':'uniform'", 0.25, 0.9, 3.0)]
    [InlineData("'min':'00:00:02','max':'00:00:08','distribution':'logNormal'", 0.5, 0.25, 4.0)]
    [InlineData("'min':'00:00:00','max':'00:00:08','distribution':'logNormal'", 0.5, 0.25, 4.0)]
    public void Delay_OfDrawsThatAreKnown_IsThisLong(string members, double first, double second, double seconds)
    {
        var draws = new Queue<double>([first, second]);
        var strike = new Strike();
        Action("noop", $"'type':'delay',{members}").Write(strike, new StrikeContext(FaultPoint.Noop, FaultRig.Facts(), draws.Dequeue));
        Assert.Equal(seconds, strike.BeforeReply.TotalSeconds, 1e-6);
    }

    [Theory]
    [InlineData(FaultPoint.Connect, "hold dial 1 s")]
    [InlineData(FaultPoint.Dial, "hold dial 1 s")]
    [InlineData(FaultPoint.Greeting, "hold reply 1 s")]
    [InlineData(FaultPoint.DataBody, "hold forward 1 s")]
    [InlineData(FaultPoint.EndOfData, "hold reply 1 s")]
    public void Delay_OfWhichIsNotSaidWhere_HoldsWhatThereIs(FaultPoint point, string expected)
    {
        var strike = new Strike();
        Action(FaultNames.Of(point), "'type':'delay','duration':'00:00:01'")
            .Write(strike, new StrikeContext(point, FaultRig.Facts(), static () => 0));
        Assert.Equal(expected, Told.By(strike));
    }

    [Theory]
    [InlineData("greeting", "'connectionsPerMinute':1", "421 4.7.0 Too many connections, try again later\\r\\n\"; end Fin Both")]
    [InlineData("mail", "'messagesPerMinute':1", "450 4.7.1 Too many messages, try again later\\r\\n\"")]
    [InlineData("rcpt", "'recipientsPerMessage':1", "452 4.5.3 Too many recipients\\r\\n\"")]
    public void Limit_AtEachPoint_RefusesInItsOwnWords(string at, string limit, string expected)
    {
        var strike = new Strike();
        Action(at, $"'type':'limit',{limit}").Write(strike, new StrikeContext(Point(at), FaultRig.Facts(), static () => 0));
        Assert.Equal($"withhold; say \"{expected}", Told.By(strike));
    }

    [Theory]
    [InlineData("{'v4':32}", "192.0.2.1", "192.0.2.2", true)]
    [InlineData("{'v4':31}", "192.0.2.2", "192.0.2.3", false)]
    [InlineData("{'v6':48}", "2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("{'v6':64}", "2001:db8:0:1::1", "2001:db8:0:2::1", true)]
    public void Greylist_OfAClientPrefix_CountsThatMuchOfIt(string prefix, string first, string second, bool isNew)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'mail','action':{{'type':'greylist','key':'client','attempts':2,'clientPrefix':{prefix}}}}}");
        Assert.True(rig.Strikes(FaultPoint.Mail, first));
        Assert.Equal(isNew, rig.Strikes(FaultPoint.Mail, second));
    }

    /// <summary>The oldest is forgotten first; 2 goes for 1, which went for 0.</summary>
    [Fact]
    public void Greylist_OfMoreThanItRemembers_ForgetsTheOldest()
    {
        var greylist = Action("mail", "'type':'greylist','key':'sender','attempts':2");
        bool Refuses(int sender)
        {
            var facts = FaultRig.Facts();
            facts.MailFrom = $"{sender}@x";
            return greylist.Wants(facts, Now, peek: false);
        }

        for (var n = 0; n <= 100_000; n++)
        {
            Assert.True(Refuses(n));
        }

        Assert.Equal([false, false, true, true, false], (bool[])[Refuses(1), Refuses(100_000), Refuses(0), Refuses(1), Refuses(3)]);
    }

    [Theory]
    [InlineData("2001:db8:0:1:8000::1", false)]
    [InlineData("2001:db8:0:1:ffff:ffff:ffff:ffff", false)]
    [InlineData("2001:db8::1", true)]
    public void Greylist_OfAnIPv6Client_KnowsItsFirst64Bits(string client, bool isNew)
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'greylist','key':'client','attempts':2}}");
        Assert.True(rig.Strikes(FaultPoint.Mail, "2001:db8:0:1::1"));
        Assert.Equal(isNew, rig.Strikes(FaultPoint.Mail, client));
    }

    /// <summary>Of 100,000 clients at a time sessions are counted; those of another one are not, and all others go on.</summary>
    [Fact]
    public void Limit_OfMoreClientsThanItRemembers_GoesOnForThoseItKnows()
    {
        var limit = Action("greeting", "'type':'limit','maxConcurrentPerClient':2");
        bool Refuses(long client) => limit.Wants(Facts(client, FaultPoint.Greeting), Now, peek: false);
        for (var n = 1; n <= 100_000; n++)
        {
            Assert.False(Refuses(n));
        }

        Assert.Equal([false, false, false], (bool[])[Refuses(100_001), Refuses(100_001), Refuses(100_001)]);
        Assert.Equal([false, true], (bool[])[Refuses(1), Refuses(1)]);
        limit.SessionOver(Facts(2, FaultPoint.Greeting));
        Assert.Equal([false, false, true], (bool[])[Refuses(100_001), Refuses(100_001), Refuses(100_001)]);
    }

    [Fact]
    public void Limit_OfClientsThatAreAllGone_HasRoomForOthers()
    {
        var limit = Action("greeting", "'type':'limit','maxConcurrentPerClient':1");
        for (var n = 1; n <= 100_000; n++)
        {
            limit.Wants(Facts(n, FaultPoint.Greeting), Now, peek: false);
            limit.SessionOver(Facts(n, FaultPoint.Greeting));
        }

        Assert.False(limit.Wants(Facts(100_001, FaultPoint.Greeting), Now, peek: false));
        Assert.True(limit.Wants(Facts(100_001, FaultPoint.Greeting), Now, peek: false));
    }

    /// <summary>Rates of 100,000 clients are known; with the next all begin anew.</summary>
    [Fact]
    public void Limit_OfTheRatesOfMoreClientsThanItRemembers_BeginsAnew()
    {
        var limit = Action("mail", "'type':'limit','messagesPerMinute':1");
        bool Refuses(long client) => limit.Wants(Facts(client, FaultPoint.Mail), Now, peek: false);
        for (var n = 1; n <= 100_000; n++)
        {
            Assert.False(Refuses(n));
        }

        Assert.Equal([true, true, false, false, true], (bool[])[Refuses(1), Refuses(100_000), Refuses(100_001), Refuses(1), Refuses(1)]);
    }

    [Theory]
    [InlineData("mail", "'type':'tarpit','mode':'bytes','count':9,'interval':'00:00:01'", "2\r\n",
        "say \"2\"; pause 1 s; say \"\\r\"; pause 1 s; say \"\\n\"")]
    [InlineData("mail", "'type':'malformReply','kind':'wrongContinuationCode'", "550 no\r\n", "say \"250-wait\\r\\n550 no\\r\\n\"")]
    [InlineData("mail", "'type':'malformReply','kind':'noSeparator'", "250\r\n", "say \"250\\r\\n\"")]
    [InlineData("mail", "'type':'malformReply','kind':'noSeparator'", "250-a\r\n2\r\n250 \r\n", "say \"250a\\r\\n2\\r\\n250\\r\\n\"")]
    [InlineData("mail", "'type':'malformReply','kind':'nonNumericCode'", "250\r\n", "say \"2x0\\r\\n\"")]
    [InlineData("mail", "'type':'truncateReply','bytes':3", "", "say \"\"; end Fin Both")]
    [InlineData("mail", "'type':'truncateReply','bytes':3", "2", "say \"\"; end Fin Both")]
    [InlineData("ehlo", "'type':'editCapabilities','set':{'size':900}", "250-a\r\n250 SIZE 0\r\n",
        "hide  size 900; say \"250-a\\r\\n250 SIZE 900\\r\\n\"")]
    [InlineData("ehlo", "'type':'editCapabilities','set':{'size':900}", "250-a\r\n250 SIZE\r\n",
        "hide  size 900; say \"250-a\\r\\n250 SIZE 900\\r\\n\"")]
    [InlineData("ehlo", "'type':'editCapabilities','set':{'size':900}", "250-a\r\n250 SIZE 1\r\n",
        "hide  size 900; say \"250-a\\r\\n250 SIZE 1\\r\\n\"")]
    [InlineData("ehlo", "'type':'editCapabilities','set':{'size':900}", "250-a\r\n250 SIZE \t5\r\n",
        "hide  size 900; say \"250-a\\r\\n250 SIZE 900\\r\\n\"")]
    [InlineData("ehlo", "'type':'editCapabilities','set':{'size':900}", "250-a\r\n250 SIZE 0900\r\n",
        "hide  size 900; say \"250-a\\r\\n250 SIZE 900\\r\\n\"")]
    public void Reply_ThatIsNotAsUsual_IsChangedAllTheSame(string at, string action, string real, string expected)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'{at}','action':{{{action}}}}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(expected, Told.By(faults.OnCommand(Point(at), facts)!, real));
        Assert.DoesNotContain(rig.Logged, static l => l.StartsWith("604 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Throttles_OfTheSameRate_AreTheLaterOne()
    {
        using var rig = new FaultRig();
        rig.Put("a", "{'at':'mail','action':{'type':'throttle','bytesPerSecond':100,'burst':5}}");
        rig.Put("b", "{'at':'mail','action':{'type':'throttle','bytesPerSecond':100,'burst':7}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(7, faults.OnCommand(FaultPoint.Mail, facts)!.Throttle!.Burst);
    }

    private static FaultAction Action(string at, string action)
    {
        var rule = RuleParser.Read("it", FaultRig.Json($"{{'at':'{at}','action':{{{action}}}}}"), RuleSource.File, FaultRig.Bold, Now,
            out var errors);
        Assert.Empty(errors);
        return rule!.Action;
    }

    private static FaultFacts Facts(long client, FaultPoint point)
    {
        var facts = FaultRig.Facts("s", new System.Net.IPAddress(client).ToString());
        facts.Point = point;
        return facts;
    }

    private static FaultPoint Point(string name) => Enum.GetValues<FaultPoint>().Single(p => FaultNames.Of(p) == name);
}
