using SmtpProxy.Faults;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Tests.Faults;

/// <summary>Rules that cannot work are refused, with the member and what would be right.</summary>
public sealed class RuleJudgeTests
{
    [Theory]
    [InlineData("{'at':'greeting','action':{'type':'delay','duration':'00:00:01'}}", "ttl", "\"ttl\": \"00:10:00\"")]
    [InlineData("{'ttl':'02:00:00','at':'greeting','action':{'type':'delay','duration':'00:00:01'}}", "ttl", "MaxTtl")]
    [InlineData("{'expiresAt':'2001-01-01T00:00:00Z','at':'greeting','action':{'type':'delay','duration':'00:00:01'}}", "expiresAt",
        "over already")]
    [InlineData("{'expiresAt':'2999-01-01T00:00:00Z','at':'greeting','action':{'type':'delay','duration':'00:00:01'}}", "expiresAt",
        "MaxTtl")]
    [InlineData("{'ttl':'10000000.00:00:00','at':'greeting','action':{'type':'delay','duration':'00:00:01'}}", "ttl", "at most 365 days")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'delay','duration':'30'}}", "action.duration", "such as 00:00:35")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'delay'}}", "action.duration", "both min and max")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'delay','duration':'00:06:00'}}", "action", "UpstreamHoldLimit")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'delay','duration':'00:06:00'}}", "action", "beforeDial")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'delay','duration':'00:16:00','where':'beforeDial'}}", "action",
        "MaxDelay")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'delay','duration':'00:00:02','where':'beforeDial'}}", "action.where",
        "connect, dial and greeting")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','action':{'type':'rewriteReply','code':451}}", "at", "cannot strike at rcpt")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','action':{'type':'rewriteReply','code':451,'onConflict':'shrug'}}", "action.onConflict",
        "one of close")]
    [InlineData("{'ttl':'00:01:00','at':'ehlo','action':{'type':'rewriteReply','code':250,'text':['x','AUTH PLAIN']}}", "action.code",
        "editCapabilities")]
    [InlineData("{'ttl':'00:01:00','at':'auth','action':{'type':'rewriteReply','code':235}}", "action.code", "authenticated")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'reply','code':250}}", "action.code", "deceive")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'reply','code':451,'enhanced':'5.1.1'}}", "action.enhanced", "RFC 3463")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'reply','code':451,'text':['a\\r\\nb']}}", "action.text", "printable")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'reply','code':451}}", "at", "it can at greeting, ")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'ackLoss'}}", "at", "endOfData")]
    [InlineData("{'ttl':'00:01:00','at':'connect','action':{'type':'stall','untilPeerCloses':true}}", "at", "cannot strike at connect")]
    [InlineData("{'ttl':'00:01:00','at':'idle','action':{'type':'close'}}", "afterTime", "00:02:00")]
    [InlineData("{'ttl':'00:01:00','at':'mail','afterTime':'00:00:01','action':{'type':'close'}}", "afterTime", "idle and elapsed")]
    [InlineData("{'ttl':'00:01:00','at':'mail','afterBytes':3,'action':{'type':'close'}}", "afterBytes", "dataBody only")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'reply','code':451}}",
        "match.upstreamReply", "does not forward")]
    [InlineData("{'ttl':'00:01:00','at':'auth','action':{'type':'extraReply','text':'235 2.7.0 Ok'}}", "action.text", "use another code")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'lots'},'action':{'type':'extraReply'}}", "match.upstreamReply",
        "2xx")]
    [InlineData("{'ttl':'00:01:00','at':'ehlo','match':{'rcptTo':'a@b'},'action':{'type':'close'}}", "match", "not known at ehlo")]
    [InlineData("{'ttl':'00:01:00','at':'authStep','match':{'mailFrom':'a@b'},'action':{'type':'close'}}", "match",
        "not known at authStep")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'rcptTo':'a@b'},'action':{'type':'close'}}", "match", "strike at rcpt")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','match':{'heloName':'x'},'action':{'type':'close'}}", "match", "strike at ehlo")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'clientCidr':'!::ffff:192.0.2.7'},'action':{'type':'close'}}", "match.clientCidr",
        "not a network")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'clientCidr':'ten'},'action':{'type':'close'}}", "match.clientCidr",
        "10.20.0.0/16")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'colour':'red'},'action':{'type':'close'}}", "match.colour", "known are listener")]
    [InlineData("{'ttl':'00:01:00','at':'mail','probability':1.5,'action':{'type':'close'}}", "probability", "from 0 to 1")]
    [InlineData("{'ttl':'00:01:00','at':'mail','pulse':{'on':'00:00:00','off':'00:00:01'},'action':{'type':'close'}}", "pulse",
        "above 00:00:00")]
    [InlineData("{'ttl':'00:01:00','at':'mail','pulse':{'on':'00:00:01','off':'00:00:00'},'action':{'type':'close'}}", "pulse",
        "above 00:00:00")]
    [InlineData("{'ttl':'00:01:00','at':'mail','notBefore':'2099-01-01T00:00:00Z','action':{'type':'close'}}", "notBefore",
        "never be armed")]
    [InlineData("{'ttl':'00:01:00','at':'ehlo','action':{'type':'editCapabilities'}}", "action", "remove, mask or set.size")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'tarpit','mode':'bytes'}}", "action.count", "count or total")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'tarpit','total':'00:00:50','interval':'00:00:00.0000001'}}",
        "action.interval", "longer interval")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'limit','recipientsPerMessage':1}}", "action", "messagesPerMinute")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'greylist'}}", "action.key", "at mail no recipient")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','action':{'type':'greylist','reply':{'code':550,'enhanced':'5.7.1'}}}", "action.reply.code",
        "4xx")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','action':{'type':'greylist','minDelay':'05:00:00'}}", "action.minDelay", "window")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'rejectMessage','code':250}}", "action.code", "blackhole")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'ackLoss','duration':'00:00:01'}}", "action.duration", "then: stall")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'close','side':'upstream'}}", "action.side", "dialFail")]
    [InlineData("{'ttl':'00:01:00','at':'dataBody','action':{'type':'close','how':'421'}}", "action.how", "fin or reset")]
    [InlineData("{'ttl':'00:01:00','at':'starttls','action':{'type':'starttlsBreak'}}", "action.how", "is missing")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{}}", "action.type", "one of delay")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'rewriteReply','code':451,'when':'lots'}}", "action.when", "2xx")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','match':{'upstreamReply':'4xx'},'action':{'type':'ackLoss'}}", "match.upstreamReply",
        "action.onlyWhen (2xx)")]
    [InlineData(
        "{'ttl':'00:01:00','at':'endOfData','match':{'upstreamReply':['2xx','451']},'action':{'type':'ackLoss','onlyWhen':['452','5xx']}}",
        "match.upstreamReply", "(452, 5xx)")]
    [InlineData(
        "{'ttl':'00:01:00','at':'endOfData','match':{'upstreamReply':'5xx'},'action':{'type':'rewriteReply','code':451,'when':'2xx'}}",
        "match.upstreamReply", "action.when (2xx)")]
    [InlineData("{'ttl':'00:01:00','at':'starttls','match':{'upstreamReply':'454'},'action':{'type':'starttlsInject'}}",
        "match.upstreamReply", "(220)")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'clientCidr':['10.20.0.0/16','!10.0.0.0/8']},'action':{'type':'close'}}",
        "match.clientCidr", "take away one")]
    [InlineData(
        "{'ttl':'00:01:00','at':'mail','match':{'clientCidr':['10.20.0.1','2001:db8::/32','!0.0.0.0/0','!2001:db8::/32']}," +
            "'action':{'type':'close'}}", "match.clientCidr", "take away one")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','match':{'recipientCount':10},'action':{'type':'limit','recipientsPerMessage':10}}",
        "match.recipientCount", "max above 10")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','match':{'recipientCount':0},'action':{'type':'close'}}", "match.recipientCount",
        "count from 1")]
    [InlineData("{'ttl':'00:01:00','at':'connect','match':{'transactionsInSession':{'min':1}},'action':{'type':'close'}}",
        "match.transactionsInSession", "strike at mail")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'transactionsInSession':0},'action':{'type':'close'}}",
        "match.transactionsInSession", "count from 1")]
    [InlineData("{'ttl':'00:01:00','at':'elapsed','afterTime':'00:02:00','match':{'elapsed':{'max':'00:01:59'}},'action':{'type':'close'}}",
        "match.elapsed", "later max")]
    [InlineData("{'ttl':'00:01:00','at':'idle','afterTime':'00:02:00','match':{'elapsed':{'max':'00:01:00'}},'action':{'type':'close'}}",
        "match.elapsed", "shorter afterTime")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','action':{'type':'limit','messagesPerMinute':1}}", "action",
        "goes with greeting; give maxConcurrentPerClient or connectionsPerMinute")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','action':{'type':'limit','messagesPerMinute':1}}", "action",
        "goes with rcpt; give recipientsPerMessage")]
    [InlineData("{'ttl':'00:01:00','at':'connect','match':{'heloName':'x'},'action':{'type':'close'}}", "match", "strike at ehlo")]
    [InlineData("{'ttl':'00:01:00','at':'dial','match':{'authenticated':true},'action':{'type':'close'}}", "match", "strike at ehlo")]
    [InlineData("{'ttl':'00:01:00','at':'elapsed','action':{'type':'close'}}", "afterTime", "00:02:00")]
    [InlineData("{'ttl':'00:00:00','at':'mail','action':{'type':'close'}}", "ttl", "over already")]
    [InlineData("{'ttl':'00:01:00','at':'ehlo','match':{'recipientCount':2},'action':{'type':'close'}}", "match", "not known at ehlo")]
    [InlineData("{'ttl':'00:01:00','at':'ehlo','match':{'declaredSize':2},'action':{'type':'close'}}", "match", "not known at ehlo")]
    [InlineData("{'ttl':'00:01:00','at':'ehlo','match':{'mailFrom':'a@b'},'action':{'type':'close'}}", "match", "not known at ehlo")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'recipientCount':2},'action':{'type':'close'}}", "match", "strike at rcpt")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'tls':['plain','some']},'action':{'type':'close'}}", "match.tls",
        "\"some\" is not one of plain, terminated, opaque")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'ackLoss','onlyWhen':'lots'}}", "action.onlyWhen", "2xx")]
    [InlineData("{'ttl':'00:01:00','at':'mail','action':{'type':'explode'}}", "action.type", "\"explode\" is not one of delay, tarpit, ")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'delay','duration':'00:00:01'," +
        "'where':'beforeForward'}}", "match.upstreamReply", "does not forward")]
    public void Rule_ThatCannotWork_IsRefusedWithTheRemedy(string text, string path, string remedy)
    {
        using var rig = new FaultRig();
        var error = Assert.Single(rig.Refused(text));
        Assert.Equal(path, error.Path);
        Assert.Contains(remedy, error.Text, StringComparison.Ordinal);
    }

    /// <summary>What can strike, if rarely, is taken.</summary>
    [Theory]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','match':{'upstreamReply':['4xx','250']},'action':{'type':'ackLoss'}}")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','match':{'upstreamReply':'4xx'},'action':{'type':'ackLoss','onlyWhen':'451'}}")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','match':{'upstreamReply':'5xx'},'action':{'type':'rewriteReply','code':451}}")]
    [InlineData(
        "{'ttl':'00:01:00','at':'endOfData','match':{'upstreamReply':'554'},'action':{'type':'rewriteReply','code':451,'when':['5xx'," +
            "'2xx']}}")]
    [InlineData("{'ttl':'00:01:00','at':'starttls','match':{'upstreamReply':'2xx'},'action':{'type':'starttlsInject'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'clientCidr':['10.20.0.0/16','!10.20.1.0/24']},'action':{'type':'close'}}")]
    [InlineData(
        "{'ttl':'00:01:00','at':'mail','match':{'clientCidr':['10.20.0.0/16','10.30.0.0/16','!10.20.0.0/16']},'action':{'type':'close'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'clientCidr':'!10.0.0.0/8'},'action':{'type':'close'}}")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','match':{'recipientCount':11},'action':{'type':'limit','recipientsPerMessage':10}}")]
    [InlineData("{'ttl':'00:01:00','at':'greeting','match':{'transactionsInSession':{'min':1}},'action':{'type':'close'}}")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','match':{'transactionsInSession':0},'action':{'type':'close'}}")]
    [InlineData(
        "{'ttl':'00:01:00','at':'elapsed','afterTime':'00:02:00','match':{'elapsed':{'max':'00:02:00'}},'action':{'type':'close'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'delay','duration':'00:00:01'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'delay','duration':'00:00:01'," +
        "'where':'beforeReply'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'tarpit','count':1}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'stall','duration':'00:00:01'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'malformReply','kind':'bareLf'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'truncateReply','bytes':1}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'upstreamReply':'2xx'},'action':{'type':'extraReply'}}")]
    [InlineData("{'ttl':'00:01:00','at':'mail','match':{'transactionsInSession':1},'action':{'type':'close'}}")]
    [InlineData("{'ttl':'00:01:00','at':'rset','action':{'type':'reply','code':250}}")]
    [InlineData("{'ttl':'00:01:00','at':'noop','action':{'type':'reply','code':250}}")]
    [InlineData("{'ttl':'00:01:00','at':'vrfy','action':{'type':'reply','code':252}}")]
    [InlineData("{'ttl':'00:01:00','at':'quit','action':{'type':'reply','code':221}}")]
    public void Rule_WhoseConditionsCanAllHold_IsTaken(string text)
    {
        using var rig = new FaultRig();
        rig.Put("rare", text);
    }

    /// <summary>At the last instant a rule is still armed.</summary>
    [Fact]
    public void Rule_ThatIsArmedForAnInstant_IsTaken()
    {
        using var rig = new FaultRig();
        var then = rig.Time.GetUtcNow().AddMinutes(1);
        rig.Put("it", $"{{'notBefore':'{then:O}','notAfter':'{then:O}','at':'mail','action':{{'type':'close'}}}}");
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("x", rig.Pattern(1));
    }

    [Theory]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'ackLoss'}}", "AllowDuplicateRisk")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'rewriteReply','code':451}}", "AllowDuplicateRisk")]
    [InlineData("{'ttl':'00:01:00','at':'rcpt','action':{'type':'extraReply'}}", "AllowDuplicateRisk")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'extraReply','text':'451 later'}}", "AllowDuplicateRisk")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'extraReply','position':'before'}}", "AllowLossRisk")]
    [InlineData("{'ttl':'00:01:00','at':'data','action':{'type':'extraReply'}}", "AllowLossRisk")]
    [InlineData("{'ttl':'00:01:00','at':'bdat','action':{'type':'extraReply','text':'200 yes'}}", "AllowLossRisk")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'stall','untilPeerCloses':true}}", "AllowDuplicateRisk")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'blackhole'}}", "AllowLossRisk")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'rewriteReply','code':200}}", "AllowLossRisk")]
    [InlineData("{'ttl':'00:01:00','at':'endOfData','action':{'type':'rewriteReply','code':250}}", "AllowLossRisk")]
    [InlineData("{'ttl':'00:01:00','at':'starttls','action':{'type':'starttlsInject'}}", "AllowSecurityProbes")]
    public void Risk_WithoutItsFlag_IsRefusedNamingTheFlag(string text, string flag)
    {
        using var rig = new FaultRig(new FaultsOptions { Enabled = true });
        var error = Assert.Single(rig.Refused(text));
        Assert.Equal("action", error.Path);
        Assert.Contains($"SmtpProxy:Faults:{flag}", error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production", false, false)]
    [InlineData("Production", true, true)]
    [InlineData("Staging", false, true)]
    [InlineData("development", false, true)]
    public void Enabled_InAnEnvironment_IsRefusedUnlessAllowed(string environment, bool unsafely, bool allowed)
    {
        var problems = FaultsValidator.Validate(new FaultsOptions { Enabled = true, AllowUnsafeEnvironment = unsafely }, environment,
            DateTimeOffset.UnixEpoch).ToArray();
        Assert.Equal(allowed, problems.Length == 0);
        Assert.All(problems, static problem =>
        {
            Assert.StartsWith("SmtpProxy:Faults:Enabled: ", problem, StringComparison.Ordinal);
            Assert.Contains("SmtpProxy:Faults:AllowUnsafeEnvironment", problem, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void RuleOfTheConfiguration_ThatCannotWork_IsToldWithItsKey()
    {
        var options = FaultRig.Bold with
            { Rules = FaultRig.Section("{'drip':{'At':'greeting','Action':{'Type':'delay','Where':'beforeDial'}}}") };
        Assert.Equal(
            "SmtpProxy:Faults:Rules:drip:Action:Duration: give either duration, such as 00:00:35, or both min and max",
            Assert.Single(FaultsValidator.Validate(options, "Test", DateTimeOffset.UnixEpoch)));
    }

    [Theory]
    [InlineData("listener", "Listeners")]
    [InlineData("upstream", "Upstreams")]
    public void RuleForWhatIsNotAmongTheAllowed_IsRefusedNamingThem(string member, string key)
    {
        var allowed = FaultRig.Section("{'0':'test','1':'other'}");
        using var rig = new FaultRig(member == "listener" ? FaultRig.Bold with { Listeners = allowed }
            : FaultRig.Bold with { Upstreams = allowed });
        rig.Put("it", $"{{'at':'mail','match':{{'{member}':['TEST','other']}},'action':{{'type':'close'}}}}");
        var error = Assert.Single(rig.Refused(
            $"{{'ttl':'00:01:00','at':'mail','match':{{'{member}':['test','submission']}},'action':{{'type':'close'}}}}"));
        Assert.Equal($"match.{member}", error.Path);
        Assert.Equal($"SmtpProxy:Faults:{key} does not allow \"submission\"; it allows test, other", error.Text);
    }

    [Fact]
    public void RuleWhoseEndIsNow_IsOverAlready()
    {
        using var rig = new FaultRig();
        var end = rig.Time.GetUtcNow();
        var text = $"{{'at':'mail','action':{{'type':'close'}},'expiresAt':'{end:O}'}}";
        var error = Assert.Single(rig.Refused(text));
        Assert.Equal(("expiresAt", "is over already"), (error.Path, error.Text));
        rig.Time.SetUtcNow(end.AddTicks(1));
        Assert.Equal("expiresAt", Assert.Single(rig.Refused(text)).Path);
    }

    /// <summary>What an operator who says nothing is promised.</summary>
    [Fact]
    public void Options_OfWhichNothingIsSaid_AreThese()
    {
        var options = new FaultsOptions();
        Assert.Equal((false, false, false, false, false, 0L), (options.Enabled, options.AllowUnsafeEnvironment,
            options.AllowDuplicateRisk, options.AllowLossRisk, options.AllowSecurityProbes, options.Seed));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(5), 1000, 0.5, 20), (options.MaxTtl,
            options.MaxDelay, options.UpstreamHoldLimit, options.MaxActiveFaults, options.AutoHaltRatio, options.AutoHaltMinSessions));
    }
}
