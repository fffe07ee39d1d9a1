namespace SmtpProxy.Tests.Faults.Acting;

/// <summary>The last value that a member may have, and the first that it may not.</summary>
public sealed class FaultActionBoundsTests
{
    [Theory]
    [InlineData("mail", "'type':'extraReply','text':'#'", 1, 510)]
    [InlineData("starttls", "'type':'starttlsInject','text':'#'", 1, 510)]
    [InlineData("mail", "'type':'tarpit','count':2,'text':'#'", 0, 506)]
    public void Text_AsLongAsALineMayBe_IsTaken(string at, string action, int least, int most)
    {
        using var rig = new FaultRig();
        foreach (var length in (int[])[least, most])
        {
            rig.Put("it", Rule(at, action.Replace("#", new string('x', length), StringComparison.Ordinal)));
        }

        foreach (var length in (int[])[least - 1, most + 1])
        {
            if (length >= 0)
            {
                Assert.Equal("action.text", Assert.Single(
                    rig.Refused(Rule(at, action.Replace("#", new string('x', length), StringComparison.Ordinal)))).Path);
            }
        }
    }

    [Theory]
    [InlineData("mail", "'type':'extraReply','text':'#'", "action.text")]
    [InlineData("starttls", "'type':'starttlsInject','text':'#'", "action.text")]
    [InlineData("mail", "'type':'tarpit','count':2,'text':'#'", "action.text")]
    [InlineData("mail", "'type':'close','how':'421','text':'#'", "action.text")]
    [InlineData("endOfData", "'type':'blackhole','text':'#'", "action.text")]
    [InlineData("mail", "'type':'reply','code':451,'text':['good','#']", "action.text")]
    [InlineData("rcpt", "'type':'greylist','reply':{'text':'#'}", "action.reply.text")]
    [InlineData("greeting", "'type':'limit','connectionsPerMinute':1,'reply':{'text':'#'}", "action.reply.text")]
    [InlineData("rcpt", "'type':'limit','recipientsPerMessage':1,'reply':{'text':'#'}", "action.reply.text")]
    public void Text_OutsidePrintableAscii_IsRefused(string at, string action, string path)
    {
        using var rig = new FaultRig();
        foreach (var good in (string[])["\\u0020", "~"])
        {
            rig.Put("it", Rule(at, action.Replace("#", good, StringComparison.Ordinal)));
        }

        foreach (var bad in (string[])["\\u001f", "\\u007f", "\\n"])
        {
            Assert.Equal(path, Assert.Single(rig.Refused(Rule(at, action.Replace("#", bad, StringComparison.Ordinal)))).Path);
        }
    }

    [Theory]
    [InlineData("'type':'reply','code':451,'enhanced':'#'", "4.0.0 4.123.999", "5.0.0 4.1 4.1.2.3 4..1 4.1234.1 4.1.1234 4.a.1 4.1.")]
    [InlineData("'type':'reply','code':550,'enhanced':'#'", "5.7.1", "4.7.1 55.7.1")]
    public void EnhancedCode_OfThreeNumbersAndTheClass_IsTaken(string action, string good, string bad)
    {
        using var rig = new FaultRig();
        foreach (var code in good.Split(' '))
        {
            rig.Put("it", Rule("mail", action.Replace("#", code, StringComparison.Ordinal)));
        }

        foreach (var code in bad.Split(' '))
        {
            Assert.Equal("action.enhanced", Assert.Single(
                rig.Refused(Rule("mail", action.Replace("#", code, StringComparison.Ordinal)))).Path);
        }
    }

    [Theory]
    [InlineData("mail", "'type':'reply','code':#", "400 599", "399 600")]
    [InlineData("noop", "'type':'reply','code':#", "200 299 400", "199 300 399")]
    [InlineData("ehlo", "'type':'rewriteReply','code':#", "400 500", "200 250 300 399")]
    [InlineData("auth", "'type':'rewriteReply','code':#", "334 399 400", "200 299")]
    [InlineData("authStep", "'type':'rewriteReply','code':#", "334 454", "235")]
    [InlineData("endOfData", "'type':'rewriteReply','code':#", "200 299 400", "300 354 399")]
    [InlineData("endOfData", "'type':'rejectMessage','code':#", "400 499 500 599", "399 250")]
    [InlineData("rcpt", "'type':'greylist','reply':{'code':#}", "400 499", "399 500 250")]
    [InlineData("rcpt", "'type':'greylist','attempts':#", "2 100", "1 101")]
    [InlineData("rcpt", "'type':'greylist','clientPrefix':{'v4':#}", "0 32", "-1 33")]
    [InlineData("rcpt", "'type':'greylist','clientPrefix':{'v6':#}", "0 128", "-1 129")]
    [InlineData("mail", "'type':'throttle','bytesPerSecond':#", "1", "0 -1")]
    [InlineData("mail", "'type':'throttle','bytesPerSecond':9,'burst':#", "1", "0")]
    [InlineData("mail", "'type':'truncateReply','bytes':#", "0 65536", "-1 65537")]
    [InlineData("mail", "'type':'truncateReply','lines':#", "1 1000", "0 1001")]
    [InlineData("mail", "'type':'tarpit','interval':'00:00:00.0100000','count':#", "1 10000", "0 10001")]
    [InlineData("ehlo", "'type':'editCapabilities','set':{'size':#}", "1", "0")]
    [InlineData("greeting", "'type':'limit','maxConcurrentPerClient':#", "1", "0")]
    [InlineData("greeting", "'type':'limit','connectionsPerMinute':#", "1", "0")]
    [InlineData("mail", "'type':'limit','messagesPerMinute':#", "1", "0")]
    [InlineData("rcpt", "'type':'limit','recipientsPerMessage':#", "1", "0")]
    public void Number_WithinItsBounds_IsTaken(string at, string action, string good, string bad)
    {
        using var rig = new FaultRig();
        foreach (var number in good.Split(' '))
        {
            rig.Put("it", Rule(at, action.Replace("#", number, StringComparison.Ordinal)));
        }

        foreach (var number in bad.Split(' '))
        {
            Assert.StartsWith("action.", Assert.Single(
                rig.Refused(Rule(at, action.Replace("#", number, StringComparison.Ordinal)))).Path, StringComparison.Ordinal);
        }
    }

    /// <summary>What a member needs beside it, and what it cannot stand beside.</summary>
    [Theory]
    [InlineData("mail", "'type':'delay','duration':'00:00:01','min':'00:00:01'", "action.duration")]
    [InlineData("mail", "'type':'delay','duration':'00:00:01','max':'00:00:01'", "action.duration")]
    [InlineData("mail", "'type':'delay','min':'00:00:01'", "action.duration")]
    [InlineData("mail", "'type':'delay','max':'00:00:01'", "action.duration")]
    [InlineData("mail", "'type':'delay','min':'00:00:02','max':'00:00:01'", "action.min")]
    [InlineData("connect", "'type':'delay','duration':'00:00:01','where':'beforeReply'", "action.where")]
    [InlineData("dial", "'type':'delay','duration':'00:00:01','where':'beforeForward'", "action.where")]
    [InlineData("greeting", "'type':'delay','duration':'00:00:01','where':'beforeForward'", "action.where")]
    [InlineData("dataBody", "'type':'delay','duration':'00:00:01','where':'beforeReply'", "action.where")]
    [InlineData("mail", "'type':'tarpit','count':1,'total':'00:00:01'", "action.count")]
    [InlineData("mail", "'type':'tarpit','count':1,'interval':'00:00:00'", "action.interval")]
    [InlineData("mail", "'type':'stall'", "action.duration")]
    [InlineData("mail", "'type':'stall','duration':'00:00:01','untilPeerCloses':true", "action.duration")]
    [InlineData("mail", "'type':'truncateReply'", "action.bytes")]
    [InlineData("mail", "'type':'truncateReply','bytes':1,'lines':1", "action.bytes")]
    [InlineData("endOfData", "'type':'ackLoss','then':'fin','duration':'00:00:01'", "action.duration")]
    [InlineData("mail", "'type':'close','how':'421','side':'upstream'", "action.how")]
    [InlineData("connect", "'type':'close','side':'upstream'", "action.side")]
    [InlineData("dial", "'type':'close','side':'upstream'", "action.side")]
    [InlineData("mail", "'type':'greylist'", "action.key")]
    [InlineData("mail", "'type':'greylist','key':'recipient'", "action.key")]
    [InlineData("greeting", "'type':'limit','messagesPerMinute':1", "action")]
    [InlineData("rcpt", "'type':'limit','messagesPerMinute':1", "action")]
    [InlineData("mail", "'type':'limit','connectionsPerMinute':1", "action")]
    public void Members_ThatDoNotGoTogether_AreRefused(string at, string action, string path)
    {
        using var rig = new FaultRig();
        Assert.Equal(path, Assert.Single(rig.Refused(Rule(at, action))).Path);
    }

    [Theory]
    [InlineData("mail", "'type':'delay','min':'00:00:01','max':'00:00:01'")]
    [InlineData("dataBody", "'type':'delay','duration':'00:00:01','where':'beforeForward'")]
    [InlineData("greeting", "'type':'delay','duration':'00:00:01','where':'beforeReply'")]
    [InlineData("connect", "'type':'delay','duration':'00:00:01','where':'beforeDial'")]
    [InlineData("dial", "'type':'delay','duration':'00:00:01','where':'beforeDial'")]
    [InlineData("greeting", "'type':'delay','duration':'00:00:01','where':'beforeDial'")]
    [InlineData("mail", "'type':'tarpit','count':1,'interval':'00:00:00.0000001'")]
    [InlineData("rcpt", "'type':'greylist','minDelay':'00:10:00','window':'00:10:00'")]
    [InlineData("mail", "'type':'greylist','key':'sender'")]
    [InlineData("mail", "'type':'close','side':'upstream'")]
    [InlineData("dataBody", "'type':'close','how':'reset'")]
    [InlineData("greeting", "'type':'limit','connectionsPerMinute':1")]
    public void Members_ThatGoTogether_AreTaken(string at, string action)
    {
        using var rig = new FaultRig();
        rig.Put("it", Rule(at, action));
    }

    private static string Rule(string at, string action) => $"{{'ttl':'00:10:00','at':'{at}','action':{{{action}}}}}";
}
