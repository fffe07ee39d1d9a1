using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults.Acting;

/// <summary>All that each action has done: to the dial, the command, the relay and the client.</summary>
public sealed class StrikeOfEachActionTests
{
    private const string Ehlo = "250-relay.example\r\n250-SIZE 5000\r\n250 STARTTLS\r\n";

    [Theory]
    [InlineData("connect", "{'type':'delay','duration':'00:00:02'}", "hold dial 2 s")]
    [InlineData("dial", "{'type':'delay','duration':'00:00:02'}", "hold dial 2 s")]
    [InlineData("greeting", "{'type':'delay','duration':'00:00:02'}", "hold reply 2 s")]
    [InlineData("greeting", "{'type':'delay','duration':'00:00:02','where':'beforeDial'}", "hold dial 2 s")]
    [InlineData("mail", "{'type':'delay','duration':'00:00:02','where':'beforeForward'}", "hold forward 2 s")]
    [InlineData("mail", "{'type':'delay','min':'00:00:02','max':'00:00:02','distribution':'logNormal'}", "hold reply 2 s")]
    [InlineData("mail", "{'type':'tarpit','count':1}", "say \"250-please wait\\r\\n\"; pause 10 s; say \"250 Ok\\r\\n\"")]
    [InlineData("mail", "{'type':'tarpit','total':'00:00:03','interval':'00:00:02','text':'so'}",
        "say \"250-so\\r\\n\"; pause 2 s; say \"250-so\\r\\n\"; pause 2 s; say \"250 Ok\\r\\n\"")]
    [InlineData("mail", "{'type':'tarpit','mode':'bytes','count':2,'interval':'00:00:01'}",
        "say \"2\"; pause 1 s; say \"5\"; pause 1 s; say \"0 Ok\\r\\n\"")]
    [InlineData("mail", "{'type':'stall','duration':'00:00:05'}", "stall 5 s Client; say \"250 Ok\\r\\n\"")]
    [InlineData("mail", "{'type':'stall','untilPeerCloses':true,'side':'upstream'}", "stall on Relay; end Reset Both")]
    [InlineData("mail", "{'type':'stall','duration':'00:00:05','side':'both','stopReading':true}",
        "stall 5 s Both unread; say \"250 Ok\\r\\n\"")]
    [InlineData("connect", "{'type':'throttle','bytesPerSecond':1000}", "throttle 1000/50 client relay")]
    [InlineData("connect", "{'type':'throttle','bytesPerSecond':19}", "throttle 19/1 client relay")]
    [InlineData("connect", "{'type':'throttle','bytesPerSecond':1000,'direction':'toUpstream','burst':7}", "throttle 1000/7 client")]
    [InlineData("connect", "{'type':'throttle','bytesPerSecond':1000,'direction':'toClient'}", "throttle 1000/50 relay")]
    [InlineData("mail", "{'type':'reply','code':451}", "withhold; say \"451 Fault injected\\r\\n\"")]
    [InlineData("mail", "{'type':'reply','code':451,'close':'fin'}", "withhold; say \"451 Fault injected\\r\\n\"; end Fin Both")]
    [InlineData("mail", "{'type':'reply','code':451,'close':'reset'}", "withhold; say \"451 Fault injected\\r\\n\"; end Reset Both")]
    [InlineData("mail", "{'type':'close'}", "withhold; end Fin Both")]
    [InlineData("mail", "{'type':'close','how':'reset','side':'client'}", "withhold; end Reset Client")]
    [InlineData("mail", "{'type':'close','how':'421','side':'client','text':'Bye'}",
        "withhold; say \"421 4.3.2 Bye\\r\\n\"; end Fin Client")]
    [InlineData("mail", "{'type':'close','how':'reset','side':'upstream'}",
        "withhold; abort Reset; say \"421 4.3.2 Service not available, closing transmission channel\\r\\n\"; end Fin Both")]
    [InlineData("mail", "{'type':'close','side':'upstream'}",
        "withhold; abort Fin; say \"421 4.3.2 Service not available, closing transmission channel\\r\\n\"; end Fin Both")]
    [InlineData("mail", "{'type':'truncateReply','bytes':0}", "say \"\"; end Fin Both")]
    [InlineData("mail", "{'type':'truncateReply','bytes':2,'then':'reset'}", "say \"25\"; end Reset Both")]
    [InlineData("mail", "{'type':'truncateReply','bytes':2,'then':'stall'}", "say \"25\"; stall on Client; end Reset Both")]
    [InlineData("mail", "{'type':'truncateReply','bytes':2,'then':'continue'}", "say \"25\"")]
    [InlineData("ehlo", "{'type':'truncateReply','lines':9}",
        "say \"250-relay.example\\r\\n250-SIZE 5000\\r\\n250-STARTTLS\\r\\n\"; end Fin Both")]
    [InlineData("ehlo", "{'type':'editCapabilities','remove':'size','mask':'starttls'}",
        "hide SIZE,STARTTLS size -; say \"250-relay.example\\r\\n250 XXXXXXXA\\r\\n\"")]
    [InlineData("ehlo", "{'type':'editCapabilities','set':{'size':4999}}",
        "hide  size 4999; say \"250-relay.example\\r\\n250-SIZE 4999\\r\\n250 STARTTLS\\r\\n\"")]
    [InlineData("ehlo", "{'type':'editCapabilities','set':{'size':5000}}",
        "hide  size 5000; say \"250-relay.example\\r\\n250-SIZE 5000\\r\\n250 STARTTLS\\r\\n\"")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'fin'}",
        "withhold; abort Fin; say \"220 2.0.0 Ready to start TLS\\r\\n\"; end Fin Both")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'reset'}",
        "withhold; abort Fin; say \"220 2.0.0 Ready to start TLS\\r\\n\"; end Reset Both")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'stall'}",
        "withhold; abort Fin; say \"220 2.0.0 Ready to start TLS\\r\\n\"; stall on Client; end Reset Both")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'garbage'}", "withhold; abort Fin; say \"220 2.0.0 Ready to start TLS\\r\\n\"; "
        + "say \"this is no TLS record, whatever you expected\\r\\n\"; end Fin Both")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'expiredCert'}", "certificate Expired")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'wrongHost'}", "certificate WrongHost")]
    [InlineData("starttls", "{'type':'starttlsBreak','how':'untrusted'}", "certificate Untrusted")]
    [InlineData("starttls", "{'type':'starttlsInject','side':'upstream'}", "behind \"NOOP\\r\\n\"")]
    [InlineData("starttls", "{'type':'starttlsInject','side':'upstream','text':'RSET'}", "behind \"RSET\\r\\n\"")]
    [InlineData("dial", "{'type':'dialFail'}", "dial Refused")]
    [InlineData("dial", "{'type':'dialFail','how':'reset'}", "dial Failed")]
    [InlineData("dial", "{'type':'dialFail','how':'timeout'}", "hold dial 30 s; dial TimedOut")]
    [InlineData("dial", "{'type':'dialFail','how':'timeout','delay':'00:00:02'}", "hold dial 2 s; dial TimedOut")]
    [InlineData("rcpt", "{'type':'greylist','key':'client'}", "withhold; say \"450 4.7.1 Greylisted, try again later\\r\\n\"")]
    [InlineData("endOfData", "{'type':'rejectMessage'}", "withhold; abort Reset; say \"554 5.7.1 Message refused\\r\\n\"")]
    [InlineData("endOfData", "{'type':'blackhole','text':'gone'}", "withhold; abort Reset; say \"250 2.0.0 gone\\r\\n\"")]
    [InlineData("mail", "{'type':'extraReply'}", "say \"250 Ok\\r\\n\"; say \"250 2.0.0 Ok\\r\\n\"")]
    [InlineData("mail", "{'type':'extraReply','position':'before'}", "say \"250 2.0.0 Ok\\r\\n\"; say \"250 Ok\\r\\n\"")]
    [InlineData("mail", "{'type':'malformReply','kind':'wrongContinuationCode'}", "say \"550-wait\\r\\n250 Ok\\r\\n\"")]
    public void Strike_BeforeTheRelayAnswers_IsThis(string at, string action, string expected)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'{at}','action':{action}}}");
        var (faults, facts) = rig.Session(from: "a@x", to: "b@y");
        facts.OffersTls = true;
        var point = Enum.GetValues<FaultPoint>().Single(p => FaultNames.Of(p) == at);
        Assert.Equal(expected, Told.By(faults.OnCommand(point, facts)!, at == "ehlo" ? Ehlo : "250 Ok\r\n"));
    }

    [Theory]
    [InlineData("endOfData", 250, "{'type':'ackLoss'}", "end Reset Both")]
    [InlineData("endOfData", 250, "{'type':'ackLoss','then':'fin'}", "end Fin Both")]
    [InlineData("endOfData", 250, "{'type':'ackLoss','then':'stall'}", "stall on Client; end Reset Both")]
    [InlineData("endOfData", 452, "{'type':'ackLoss','then':'stall','duration':'00:00:09','onlyWhen':'452'}",
        "stall 9 s Client; end Reset Both")]
    [InlineData("endOfData", 250, "{'type':'rewriteReply','code':451}", "say \"451 Fault injected\\r\\n\"")]
    [InlineData("endOfData", 250, "{'type':'rewriteReply','code':451,'when':'250','onConflict':'close'}",
        "say \"451 Fault injected\\r\\n\"; end Fin Both")]
    [InlineData("starttls", 220, "{'type':'starttlsInject'}", "say \"250 Ok\\r\\n250 injected\\r\\n\"")]
    [InlineData("starttls", 454, "{'type':'starttlsInject'}", null)]
    [InlineData("endOfData", 451, "{'type':'ackLoss'}", null)]
    [InlineData("endOfData", 251, "{'type':'rewriteReply','code':451,'when':'250'}", null)]
    public void Strike_WhenTheRelayHasAnswered_IsThis(string at, int code, string action, string? expected)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'{at}','action':{action}}}");
        var (faults, facts) = rig.Session(from: "a@x", to: "b@y");
        facts.RelayCode = code;
        var point = Enum.GetValues<FaultPoint>().Single(p => FaultNames.Of(p) == at);
        Assert.Null(faults.OnCommand(point, facts));
        Assert.Equal(expected, faults.OnReply(point, facts) is { } strike ? Told.By(strike) : null);
    }

    /// <summary>What passes unseen, as a session without TLS that ends here: only what does not look into it can strike.</summary>
    [Theory]
    [InlineData("{'type':'close'}", true)]
    [InlineData("{'type':'throttle','bytesPerSecond':9}", true)]
    [InlineData("{'type':'stall','untilPeerCloses':true}", true)]
    [InlineData("{'type':'delay','duration':'00:00:01'}", false)]
    public void Session_ThatCannotBeRead_IsStruckByWhatNeedNotReadIt(string action, bool strikes)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'elapsed','afterTime':'00:00:01','action':{action}}}");
        var (faults, facts) = rig.Session();
        (facts.IsOpaque, facts.Elapsed) = (true, TimeSpan.FromSeconds(1));
        Assert.Equal(strikes, faults.OnCommand(FaultPoint.Elapsed, facts) is not null);
        Assert.Equal(strikes ? 0 : 1, rig.Engine.Status().Rules[0].Skipped.GetValueOrDefault("encrypted"));
    }

    [Theory]
    [InlineData("expiredCert", "not_terminated")]
    [InlineData("garbage", null)]
    public void Certificate_ThatIsNotOurs_CannotBeBad(string how, string? skipped)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'starttls','action':{{'type':'starttlsBreak','how':'{how}'}}}}");
        var (faults, facts) = rig.Session();
        Assert.Equal(skipped is null, faults.OnCommand(FaultPoint.StartTls, facts) is not null);
        Assert.Equal(skipped, rig.Engine.Status().Rules[0].Skipped.Keys.SingleOrDefault());
    }

    [Theory]
    [InlineData("mail", "{'type':'ackLoss'}", "endOfData", "duplicateRisk")]
    [InlineData("mail", "{'type':'stall','untilPeerCloses':true}", null, "notDelivered")]
    [InlineData("mail", "{'type':'stall','duration':'00:00:01'}", null, "none")]
    [InlineData("mail", "{'type':'truncateReply','bytes':1}", null, "none")]
    [InlineData("mail", "{'type':'malformReply','kind':'bareLf'}", null, "none")]
    [InlineData("mail", "{'type':'extraReply'}", null, "duplicateRisk")]
    [InlineData("mail", "{'type':'reply','code':451}", null, "notDelivered")]
    [InlineData("mail", "{'type':'throttle','bytesPerSecond':9}", null, "none")]
    [InlineData("mail", "{'type':'limit','messagesPerMinute':9}", null, "notDelivered")]
    [InlineData("mail", "{'type':'greylist','key':'client'}", null, "notDelivered")]
    [InlineData("mail", "{'type':'tarpit','count':9}", null, "none")]
    [InlineData("mail", "{'type':'dialFail'}", "dial", "notDelivered")]
    [InlineData("mail", "{'type':'rewriteReply','code':500}", "ehlo", "notDelivered")]
    [InlineData("mail", "{'type':'rewriteReply','code':299}", "endOfData", "lossRisk")]
    [InlineData("mail", "{'type':'rewriteReply','code':400}", "endOfData", "duplicateRisk")]
    [InlineData("mail", "{'type':'editCapabilities','remove':'SIZE'}", "ehlo", "none")]
    [InlineData("mail", "{'type':'starttlsInject'}", "starttls", "none")]
    [InlineData("mail", "{'type':'starttlsBreak','how':'fin'}", "starttls", "notDelivered")]
    [InlineData("mail", "{'type':'starttlsBreak','how':'untrusted'}", "starttls", "none")]
    public void Effect_OnDelivery_IsWhatThePagePromises(string at, string action, string? instead, string effect)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'{instead ?? at}','action':{action}}}");
        Assert.Equal(effect, rig.Engine.Status().Rules[0].Effect);
    }

    /// <summary>An action that holds only the client, or nobody at all, may take longer than a relay would wait.</summary>
    [Theory]
    [InlineData("mail", "{'type':'delay','duration':'00:05:00'}", true)]
    [InlineData("mail", "{'type':'delay','duration':'00:05:01'}", false)]
    [InlineData("connect", "{'type':'delay','duration':'00:15:00'}", true)]
    [InlineData("connect", "{'type':'delay','duration':'00:15:01'}", false)]
    [InlineData("dial", "{'type':'delay','duration':'00:15:00'}", true)]
    [InlineData("dial", "{'type':'delay','duration':'00:15:01'}", false)]
    [InlineData("mail", "{'type':'tarpit','count':300,'interval':'00:00:01'}", true)]
    [InlineData("mail", "{'type':'tarpit','count':301,'interval':'00:00:01'}", false)]
    [InlineData("mail", "{'type':'stall','duration':'00:05:00'}", true)]
    [InlineData("mail", "{'type':'stall','duration':'00:05:01'}", false)]
    [InlineData("dial", "{'type':'dialFail','delay':'00:15:00'}", true)]
    [InlineData("dial", "{'type':'dialFail','delay':'00:15:01'}", false)]
    [InlineData("endOfData", "{'type':'ackLoss','then':'stall','duration':'00:15:00'}", true)]
    [InlineData("endOfData", "{'type':'ackLoss','then':'stall','duration':'00:15:01'}", false)]
    public void Hold_LongerThanIsAllowed_IsRefused(string at, string action, bool isTaken)
    {
        using var rig = new FaultRig();
        var rule = $"{{'ttl':'01:00:00','at':'{at}','action':{action}}}";
        if (isTaken)
        {
            rig.Put("it", rule);
        }
        else
        {
            Assert.Equal("action", Assert.Single(rig.Refused(rule)).Path);
        }
    }
}
