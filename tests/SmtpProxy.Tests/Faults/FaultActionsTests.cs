using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Faults;

/// <summary>What each action writes for the wire.</summary>
public sealed class FaultActionsTests
{
    private const string Ehlo = "250-relay.example\r\n250-PIPELINING\r\n250-SIZE 5000\r\n250 STARTTLS\r\n";

    [Theory]
    [InlineData("mail", "{'type':'reply','code':451,'enhanced':'4.3.0','text':['Try','later']}", "",
        "451-4.3.0 Try\r\n451 4.3.0 later\r\n")]
    [InlineData("endOfData", "{'type':'rejectMessage'}", "", "554 5.7.1 Message refused\r\n")]
    [InlineData("endOfData", "{'type':'rejectMessage','code':451}", "", "451 Message refused\r\n")]
    [InlineData("endOfData", "{'type':'blackhole'}", "", "250 2.0.0 Ok: queued\r\n")]
    [InlineData("mail", "{'type':'close','how':'421'}", "", "421 4.3.2 Service closing transmission channel\r\n")]
    [InlineData("mail", "{'type':'close'}", "", "")]
    [InlineData("greeting", "{'type':'tarpit','count':2,'interval':'00:00:01'}", "220 relay ESMTP\r\n",
        "220-please wait\r\n220-please wait\r\n220 relay ESMTP\r\n")]
    [InlineData("greeting", "{'type':'tarpit','mode':'bytes','count':5,'interval':'00:00:01'}", "220 relay\r\n", "220 relay\r\n")]
    [InlineData("ehlo", "{'type':'editCapabilities','remove':['STARTTLS','PIPELINING']}", Ehlo, "250-relay.example\r\n250 SIZE 5000\r\n")]
    [InlineData("ehlo", "{'type':'editCapabilities','mask':'starttls','set':{'SIZE':900}}", Ehlo,
        "250-relay.example\r\n250-PIPELINING\r\n250-SIZE 900\r\n250 XXXXXXXA\r\n")]
    [InlineData("ehlo", "{'type':'editCapabilities','set':{'size':9000}}", Ehlo, Ehlo)]
    [InlineData("ehlo", "{'type':'editCapabilities','remove':'STARTTLS'}", "250\r\n", "250\r\n")]
    [InlineData("ehlo", "{'type':'editCapabilities','remove':'STARTTLS'}", "502 no\r\n", "502 no\r\n")]
    [InlineData("ehlo", "{'type':'truncateReply','lines':2}", Ehlo, "250-relay.example\r\n250-PIPELINING\r\n")]
    [InlineData("mail", "{'type':'truncateReply','lines':1}", "250 Ok\r\n", "250-Ok\r\n")]
    [InlineData("mail", "{'type':'truncateReply','lines':1}", "250\r\n", "250\r\n")]
    [InlineData("mail", "{'type':'truncateReply','bytes':3}", "250 Ok\r\n", "250")]
    [InlineData("mail", "{'type':'truncateReply','bytes':300}", "250 Ok\r\n", "250 Ok\r")]
    [InlineData("mail", "{'type':'malformReply','kind':'bareLf'}", "250-a\r\n250 b\r\n", "250-a\n250 b\n")]
    [InlineData("mail", "{'type':'malformReply','kind':'noSeparator'}", "250 Ok\r\n", "250Ok\r\n")]
    [InlineData("mail", "{'type':'malformReply','kind':'nonNumericCode'}", "250 Ok\r\n", "2x0 Ok\r\n")]
    [InlineData("mail", "{'type':'malformReply','kind':'wrongContinuationCode'}", "250 Ok\r\n", "550-wait\r\n250 Ok\r\n")]
    [InlineData("mail", "{'type':'malformReply','kind':'garbagePrefixLine'}", "250 Ok\r\n", "*** this is no reply line ***\r\n250 Ok\r\n")]
    [InlineData("mail", "{'type':'extraReply'}", "250 Ok\r\n", "250 Ok\r\n250 2.0.0 Ok\r\n")]
    [InlineData("mail", "{'type':'extraReply','text':'550 no','position':'before'}", "250 Ok\r\n", "550 no\r\n250 Ok\r\n")]
    [InlineData("mail", "{'type':'stall','duration':'00:00:01'}", "250 Ok\r\n", "250 Ok\r\n")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'garbage'}", "",
        "220 2.0.0 Ready to start TLS\r\nthis is no TLS record, whatever you expected\r\n")]
    public void Client_WithTheAction_Hears(string at, string action, string real, string expected)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'{at}','action':{action}}}");
        var (faults, facts) = rig.Session();
        var strike = faults.OnCommand(RuleOf(rig), facts)!;
        Assert.Equal(real.Length == 0, strike.Withhold);
        Assert.Equal(expected, Said.By(strike, real));
    }

    [Theory]
    [InlineData("{'type':'ackLoss'}", EndKind.Reset)]
    [InlineData("{'type':'ackLoss','then':'fin'}", EndKind.Fin)]
    public void AckLoss_OfA250_EndsWithoutAWord(string action, EndKind how)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'endOfData','action':{action}}}");
        var (faults, facts) = rig.Session();
        facts.RelayCode = 451;
        Assert.Null(faults.OnReply(FaultPoint.EndOfData, facts));
        facts.RelayCode = 250;
        var strike = faults.OnReply(FaultPoint.EndOfData, facts)!;
        Assert.False(strike.Withhold);
        Assert.Equal(new ReplyStep.End(how), Assert.Single(Said.Steps(strike, "250 queued\r\n")));
    }

    [Fact]
    public void Withheld_EndOfData_AbortsTheRelay()
    {
        foreach (var action in (string[])["rejectMessage", "blackhole"])
        {
            using var rig = new FaultRig();
            rig.Put("it", $"{{'at':'endOfData','action':{{'type':'{action}'}}}}");
            var (faults, facts) = rig.Session();
            Assert.Equal(EndKind.Reset, faults.OnCommand(FaultPoint.EndOfData, facts)!.AbortRelay);
        }
    }

    [Theory]
    [InlineData("uniform", 3.5)]
    [InlineData("normal", 3.5)]
    [InlineData("logNormal", 2.45)] // The median is the geometric mean.
    public void Delay_Drawn_LiesWithinItsBoundsAroundItsMedian(string distribution, double median)
    {
        using var rig = new FaultRig(FaultRig.Bold with { MaxActiveFaults = 10_000 });
        rig.Put("it", $"{{'at':'noop','action':{{'type':'delay','min':'00:00:01','max':'00:00:06','distribution':'{distribution}'}}}}");
        var times = Enumerable.Range(0, 2000).Select(_ =>
        {
            var (faults, facts) = rig.Session();
            return faults.OnCommand(FaultPoint.Noop, facts)!.BeforeReply.TotalSeconds;
        }).Order().ToArray();
        Assert.InRange(times[0], 1, 6);
        Assert.InRange(times[^1], 1, 6);
        Assert.InRange(times[1000], median - 0.25, median + 0.25);
    }

    [Fact]
    public void Throttles_OfTwoRules_TheSlowerStands()
    {
        using var rig = new FaultRig();
        rig.Put("a", "{'at':'mail','action':{'type':'throttle','bytesPerSecond':100}}");
        rig.Put("b", "{'at':'mail','action':{'type':'throttle','bytesPerSecond':1000}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(100, faults.OnCommand(FaultPoint.Mail, facts)!.Throttle!.BytesPerSecond);
    }

    [Fact]
    public void DialFail_Timeout_TakesThirtySecondsUnlessSaid()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'dial','action':{'type':'dialFail','how':'timeout'}}");
        var (faults, facts) = rig.Session();
        var strike = faults.OnCommand(FaultPoint.Dial, facts)!;
        Assert.Equal((DialOutcome.TimedOut, TimeSpan.FromSeconds(30)), (strike.DialFails!.Value, strike.BeforeDial));
    }

    [Fact]
    public void StartTlsInject_ToTheClient_WritesOneSegment()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'starttls','action':{'type':'starttlsInject'}}");
        var (faults, facts) = rig.Session();
        facts.RelayCode = 220;
        var step = Assert.Single(Said.Steps(faults.OnReply(FaultPoint.StartTls, facts)!, "220 go\r\n"));
        Assert.Equal("220 go\r\n250 injected\r\n", System.Text.Encoding.ASCII.GetString(Assert.IsType<ReplyStep.Say>(step).Octets.Span));
    }

    private static FaultPoint RuleOf(FaultRig rig) =>
        Enum.GetValues<FaultPoint>().Single(point => FaultNames.Of(point) == rig.Engine.Status().Rules[0].Point);
}
