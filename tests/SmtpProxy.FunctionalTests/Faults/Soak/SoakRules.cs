namespace SmtpProxy.FunctionalTests.Faults.Soak;

/// <summary>Rules that need no flag of risk, short enough for thousands of messages; single quotes stand for double ones. Which are armed,
/// and how often they strike, is drawn.</summary>
internal static class SoakRules
{
    /// <summary>Rules in force at one time.</summary>
    public const int AtOnce = 7;

    private static readonly string[] All =
    [
        "'at':'connect','action':{'type':'close','how':'421'}",
        "'at':'dial','action':{'type':'dialFail'}",
        "'at':'greeting','action':{'type':'reply','code':421,'close':'fin'}",
        "'at':'greeting','action':{'type':'delay','duration':'00:00:00.020','where':'beforeDial'}",
        "'at':'ehlo','action':{'type':'editCapabilities','remove':['PIPELINING','CHUNKING']}",
        "'at':'ehlo','action':{'type':'tarpit','interval':'00:00:00.002','count':4,'text':'patience'}",
        "'at':'mail','action':{'type':'reply','code':451,'enhanced':'4.3.0'}",
        "'at':'mail','action':{'type':'malformReply','kind':'overlongLine'}",
        "'at':'mail','action':{'type':'truncateReply','bytes':3}",
        "'at':'mail','action':{'type':'greylist','key':'sender','attempts':2}",
        "'at':'rcpt','action':{'type':'reply','code':550,'enhanced':'5.1.1'}",
        "'at':'rcpt','action':{'type':'delay','min':'00:00:00.001','max':'00:00:00.030','distribution':'uniform'}",
        "'at':'rcpt','action':{'type':'limit','recipientsPerMessage':2,'reply':{'code':452,'enhanced':'4.5.3'}}",
        "'at':'rcpt','action':{'type':'close','how':'reset'}",
        "'at':'rcpt','action':{'type':'stall','duration':'00:00:00.030'}",
        "'at':'data','action':{'type':'reply','code':421,'close':'fin'}",
        "'at':'data','action':{'type':'reply','code':451}",
        "'at':'data','action':{'type':'delay','duration':'00:00:00.010'}",
        "'at':'dataBody','action':{'type':'close','how':'reset'}",
        "'at':'dataBody','afterBytes':1000,'action':{'type':'close','how':'fin'}",
        "'at':'dataBody','afterBytes':2000,'action':{'type':'delay','duration':'00:00:00.010'}",
        "'at':'connect','action':{'type':'throttle','bytesPerSecond':200000,'burst':2000}",
        "'at':'endOfData','action':{'type':'rejectMessage','code':451}",
        "'at':'endOfData','action':{'type':'rejectMessage'}",
        "'at':'endOfData','action':{'type':'delay','duration':'00:00:00.020'}",
        "'at':'endOfData','action':{'type':'close','how':'reset'}",
        "'at':'rset','action':{'type':'reply','code':451}",
        "'at':'anyCommand','action':{'type':'delay','duration':'00:00:00.005'}",
        "'at':'quit','action':{'type':'close','how':'reset'}",
    ];

    /// <summary>A rule by lot.</summary>
    public static string Draw(Random random)
    {
        var share = (random.Next(1, 30) / 100.0).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return $"{{'ttl':'00:10:00','probability':{share},{All[random.Next(All.Length)]}}}";
    }

    /// <summary>Every rule there is, for the check that none needs a flag.</summary>
    public static IEnumerable<string> Each => All.Select(static rule => $"{{'ttl':'00:10:00',{rule}}}");
}
