using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults;

public sealed class RuleMatchTests
{
    [Theory]
    [InlineData("{'listener':'SUBMISSION'}", true)]
    [InlineData("{'listener':['a','b']}", false)]
    [InlineData("{'upstream':'relays'}", true)]
    [InlineData("{'upstream':'mx1'}", true)]
    [InlineData("{'upstream':'mx2'}", false)]
    [InlineData("{'clientCidr':['10.0.0.0/8','192.0.2.0/24']}", true)]
    [InlineData("{'clientCidr':['192.0.2.0/24','!192.0.2.1']}", false)]
    [InlineData("{'clientCidr':'!10.0.0.0/8'}", true)]
    [InlineData("{'clientCidr':'2001:db8::/32'}", false)]
    [InlineData("{'heloName':'*.Client.example'}", true)]
    [InlineData("{'heloName':'*.other.example'}", false)]
    [InlineData("{'tls':'plain'}", true)]
    [InlineData("{'tls':['opaque','terminated']}", false)]
    [InlineData("{'authenticated':true}", true)]
    [InlineData("{'authenticated':false}", false)]
    [InlineData("{'mailFrom':'a*@*.example'}", true)]
    [InlineData("{'mailFrom':'domain:orders.example'}", true)]
    [InlineData("{'mailFrom':'domain:example'}", false)]
    [InlineData("{'mailFrom':'<>'}", false)]
    [InlineData("{'rcptTo':['bob@example.net','carol@*']}", true)]
    [InlineData("{'rcptTo':'bob@example'}", false)]
    [InlineData("{'recipientCount':2}", true)]
    [InlineData("{'recipientCount':{'min':3}}", false)]
    [InlineData("{'declaredSize':{'min':1000,'max':5000}}", true)]
    [InlineData("{'declaredSize':{'max':999}}", false)]
    [InlineData("{'elapsed':{'min':'00:00:10'}}", true)]
    [InlineData("{'elapsed':{'max':'00:00:29'}}", false)]
    [InlineData("{'transactionsInSession':{'min':3}}", true)]
    [InlineData("{'transactionsInSession':1}", false)]
    [InlineData("{'listener':'submission','mailFrom':'*@elsewhere'}", false)]
    public void Condition_OfASession_HoldsOrNot(string match, bool holds)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'rcpt','match':{match},'action':{{'type':'reply','code':451}}}}");
        var (faults, facts) = rig.Session(from: "alice@orders.example", to: "bob@example.net");
        (facts.HeloName, facts.Destination, facts.IsAuthenticated) = ("mail.client.example", "mx1", true);
        (facts.RecipientCount, facts.DeclaredSize, facts.Elapsed, facts.Transactions) = (2, 1234, TimeSpan.FromSeconds(30), 3);
        Assert.Equal(holds, faults.OnCommand(FaultPoint.Rcpt, facts) is not null);
    }

    [Fact]
    public void UpstreamReply_OfAnotherClass_IsNotStruck()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'endOfData','match':{'upstreamReply':['2xx','450']},'action':{'type':'truncateReply','bytes':2}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(Watch.Reply | Watch.CutsOff, faults.Watches(FaultPoint.EndOfData));
        Assert.Null(faults.OnCommand(FaultPoint.EndOfData, facts));
        Assert.Equal([true, true, false], new[] { 250, 450, 451 }.Select(code =>
        {
            facts.RelayCode = code;
            return faults.OnReply(FaultPoint.EndOfData, facts) is not null;
        }));
    }

    [Fact]
    public void Opaque_ForAnActionThatReads_IsSkippedAsEncrypted()
    {
        using var rig = new FaultRig();
        rig.Put("reply", "{'at':'elapsed','afterTime':'00:00:01','action':{'type':'delay','duration':'00:00:01'}}");
        rig.Put("end", "{'at':'elapsed','afterTime':'00:00:01','action':{'type':'close'}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(TimeSpan.FromSeconds(1), faults.NextElapsed(TimeSpan.Zero));
        (facts.IsOpaque, facts.Elapsed) = (true, TimeSpan.FromSeconds(1));
        Assert.Equal("end", Assert.Single(faults.OnCommand(FaultPoint.Elapsed, facts)!.Injections).Rule);
        Assert.Equal(1, rig.Metrics.Sum("smtpproxy.faults.skipped", "smtpproxy.fault.rule=reply", "smtpproxy.fault.reason=encrypted"));
    }

    [Theory]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db8::2", false)]
    [InlineData("192.0.2.9", true)]
    [InlineData("192.0.2.8", false)]
    public void Address_WithoutALength_IsThatClientAlone(string client, bool holds)
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','match':{'clientCidr':['2001:db8::1','192.0.2.9']},'action':{'type':'close'}}");
        Assert.Equal(holds, rig.Strikes(FaultPoint.Mail, client));
    }

    [Theory]
    [InlineData("plain", false, false, true)]
    [InlineData("terminated", false, true, true)]
    [InlineData("opaque", true, false, true)]
    [InlineData("opaque", false, true, false)]
    [InlineData("plain", true, false, false)]
    [InlineData("terminated", true, false, false)]
    public void Tls_OfASession_IsOneOfThree(string tls, bool isOpaque, bool isTerminated, bool holds)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'elapsed','afterTime':'00:00:01','match':{{'tls':'{tls}'}},'action':{{'type':'close'}}}}");
        var (faults, facts) = rig.Session();
        (facts.IsOpaque, facts.IsTlsTerminated, facts.Elapsed) = (isOpaque, isTerminated, TimeSpan.FromSeconds(1));
        Assert.Equal(holds, faults.OnCommand(FaultPoint.Elapsed, facts) is not null);
    }

    [Fact]
    public void Rules_AtOnePoint_FirstWinsAndDelaysAddUp()
    {
        using var rig = new FaultRig();
        rig.Put("c-late", "{'at':'mail','order':1,'action':{'type':'delay','duration':'00:00:02'}}");
        rig.Put("b", "{'at':'mail','action':{'type':'reply','code':452}}");
        rig.Put("a", "{'at':'mail','action':{'type':'reply','code':451}}");
        rig.Put("z", "{'at':'anyCommand','order':200,'action':{'type':'delay','duration':'00:00:03'}}");
        var (faults, facts) = rig.Session();
        var strike = faults.OnCommand(FaultPoint.Mail, facts)!;
        Assert.Equal(["c-late", "a", "z"], strike.Injections.Select(static i => i.Rule));
        Assert.Equal(TimeSpan.FromSeconds(5), strike.BeforeReply);
        Assert.Equal("451 Fault injected\r\n", Said.By(strike, ""));
        Assert.Equal(1, rig.Metrics.Sum("smtpproxy.faults.skipped", "smtpproxy.fault.rule=b", "smtpproxy.fault.reason=conflict"));
    }

    [Fact]
    public void RuleOnTheReply_WhereTheCommandWasStruck_IsInConflict()
    {
        using var rig = new FaultRig();
        rig.Put("drip", "{'at':'endOfData','action':{'type':'tarpit','count':1,'interval':'00:00:01'}}");
        rig.Put("lost", "{'at':'endOfData','order':1,'action':{'type':'ackLoss'}}");
        var (faults, facts) = rig.Session();
        Assert.NotNull(faults.OnCommand(FaultPoint.EndOfData, facts));
        var then = facts.Snapshot();
        then.RelayCode = 250;
        Assert.Null(faults.OnReply(FaultPoint.EndOfData, then));
        Assert.Equal(1, rig.Metrics.Sum("smtpproxy.faults.skipped", "smtpproxy.fault.rule=lost", "smtpproxy.fault.reason=conflict"));
    }

    [Fact]
    public void Engine_ThatFails_LetsMailPassAndSaysSoOnceAMinute()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'reply','code':451}}");
        var (faults, _) = rig.Session();
        for (var n = 0; n < 5; n++)
        {
            Assert.Null(faults.OnCommand(FaultPoint.Mail, null!));
        }

        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(faults.OnCommand(FaultPoint.Mail, null!));
        var told = rig.Logged.Where(static l => l.StartsWith("604", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, told.Length);
        Assert.EndsWith("6 times since the start", told[1], StringComparison.Ordinal);
    }

    [Fact]
    public void BodyOffsets_OfSeveralRules_ComeInTheirOrder()
    {
        using var rig = new FaultRig();
        rig.Put("far", "{'at':'dataBody','afterBytes':5000,'action':{'type':'close','how':'reset'}}");
        rig.Put("near", "{'at':'dataBody','afterBytes':10,'action':{'type':'delay','duration':'00:00:01'}}");
        var (faults, facts) = rig.Session();
        Assert.Equal([10L, 5000L, null], new long?[] { faults.NextBodyOffset(0), faults.NextBodyOffset(10), faults.NextBodyOffset(5000) });
        facts.BodyOctets = 5000;
        Assert.Equal("far", Assert.Single(faults.OnCommand(FaultPoint.DataBody, facts)!.Injections).Rule);
    }
}
