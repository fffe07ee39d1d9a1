namespace SmtpProxy.Tests.Faults;

/// <summary>Rules that are right, at least two of each action; single quotes stand for double ones.</summary>
internal static class GoodRules
{
    public static readonly IReadOnlyList<string> All =
    [
        "{'at':'greeting','action':{'type':'delay','duration':'00:00:35','where':'beforeDial'}}",
        "{'at':'endOfData','order':3,'action':{'type':'delay','min':'00:00:01','max':'00:00:09','distribution':'logNormal'}}",
        "{'at':'dataBody','afterBytes':65536,'action':{'type':'delay','duration':'00:00:01'}}",
        "{'at':'ehlo','action':{'type':'tarpit','interval':'00:00:01','count':5,'text':'patience'}}",
        "{'at':'greeting','action':{'type':'tarpit','mode':'bytes','total':'00:00:30','interval':'00:00:01'}}",
        "{'at':'idle','afterTime':'00:00:05','action':{'type':'stall','untilPeerCloses':true,'side':'both','stopReading':true}}",
        "{'at':'mail','action':{'type':'stall','duration':'00:00:05'}}",
        "{'at':'connect','action':{'type':'throttle','bytesPerSecond':1000}}",
        "{'at':'dataBody','action':{'type':'throttle','bytesPerSecond':1000,'direction':'toUpstream','burst':10}}",
        "{'at':'rcpt','match':{'rcptTo':['alice@example.test']},'occurrence':{'first':2,'scope':'envelope'},'action':{'type':'reply'," +
            "'code':451,'enhanced':'4.3.0','text':['Try','later']}}",
        "{'at':'anyCommand','occurrence':{'nth':[3,5]},'action':{'type':'reply','code':421,'close':'fin'}}",
        "{'at':'endOfData','match':{'upstreamReply':['2xx','451']},'action':{'type':'rewriteReply','code':451}}",
        "{'at':'auth','action':{'type':'rewriteReply','when':'235','code':454,'enhanced':'4.7.0','onConflict':'close'}}",
        "{'at':'dataBody','match':{'declaredSize':{'min':1000}},'action':{'type':'close','how':'reset'}}",
        "{'at':'elapsed','afterTime':'00:02:00','action':{'type':'close','how':'421','side':'client','text':'Restarting'}}",
        "{'at':'rcpt','action':{'type':'truncateReply','bytes':3}}",
        "{'at':'endOfData','action':{'type':'truncateReply','lines':1,'then':'stall'}}",
        "{'at':'mail','action':{'type':'malformReply','kind':'bareLf'}}",
        "{'at':'ehlo','action':{'type':'malformReply','kind':'overlongLine'}}",
        "{'at':'noop','action':{'type':'extraReply'}}",
        "{'at':'endOfData','action':{'type':'extraReply','text':'250 again','position':'before'}}",
        "{'at':'ehlo','action':{'type':'editCapabilities','remove':['STARTTLS'],'mask':'CHUNKING'}}",
        "{'at':'ehlo','action':{'type':'editCapabilities','set':{'size':1000000}}}",
        "{'at':'starttls','action':{'type':'starttlsBreak','how':'garbage'}}",
        "{'at':'starttls','probability':0.5,'sampleBy':'connection','action':{'type':'starttlsBreak','how':'stall'}}",
        "{'at':'dial','action':{'type':'dialFail'}}",
        "{'at':'dial','match':{'upstream':['relays']},'action':{'type':'dialFail','how':'timeout','delay':'00:00:02'}}",
        "{'at':'greeting','action':{'type':'limit','maxConcurrentPerClient':5,'connectionsPerMinute':30}}",
        "{'at':'rcpt','action':{'type':'limit','recipientsPerMessage':2,'reply':{'code':452,'enhanced':'4.5.3'}}}",
        "{'at':'rcpt','action':{'type':'greylist','key':'triplet','clientPrefix':{'v4':24,'v6':64},'minDelay':'00:05:00'," +
            "'window':'04:00:00','reply':{'code':450,'enhanced':'4.7.1','text':['Greylisted']}}}",
        "{'at':'mail','action':{'type':'greylist','key':'sender','attempts':2}}",
        "{'at':'endOfData','action':{'type':'rejectMessage'}}",
        "{'at':'endOfData','match':{'mailFrom':['domain:orders.example','<>']},'action':{'type':'rejectMessage','code':451," +
            "'text':'Later'}}",
        "{'at':'endOfData','probability':0.02,'sampleBy':'transaction','budget':{'maxInjections':20,'maxAffectedRatio':0.05}," +
            "'action':{'type':'ackLoss','then':'reset'}}",
        "{'at':'endOfData','action':{'type':'ackLoss','then':'stall','duration':'00:10:05','onlyWhen':['250']}}",
        "{'at':'endOfData','action':{'type':'blackhole','text':'queued for nobody'}}",
        "{'at':'endOfData','pulse':{'on':'00:01:00','off':'00:02:00'},'action':{'type':'blackhole'}}",
        "{'at':'starttls','action':{'type':'starttlsInject'}}",
        "{'at':'starttls','action':{'type':'starttlsInject','side':'upstream','text':'RSET'}}",
        "{'at':'quit','enabled':false,'match':{'listener':'submission','clientCidr':['10.0.0.0/8','!10.1.0.0/16','2001:db8::/32']," +
            "'heloName':'*.example','tls':['plain'],'authenticated':false,'recipientCount':2,'elapsed':{'max':'00:10:00'}," +
                "'transactionsInSession':{'min':1,'max':3}},'action':{'type':'close'}}",
    ];

    public static TheoryData<string> Each => new(All);
}
