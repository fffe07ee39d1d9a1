using static SmtpProxy.FunctionalTests.Faults.Coherence.Parts;

namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>Faults from DATA to the final dot.</summary>
internal static class RowsOfMessages
{
    private const string OneMail = "ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5";
    private const string Aborted = "ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4";
    private const string Begun = $"{Hello}\n{Envelope}\n{Data}\n{Text}";

    public static IReadOnlyList<Row> All { get; } =
    [
        new()
        {
            // RSET goes to the relay in secret.
            Name = "data reply 451", Rule =
                "'at':'data','occurrence':{'first':1},'action':{'type':'reply','code':451,'enhanced':'4.3.0','text':['Not now']}",
            Dialogue = $"{Hello}\n{Envelope}\nC: DATA\nS: 451 4.3.0 Not now\n{Mail}\n{Quit}",
            Relay = "ehlo=1 mail=2 rcpt=2 data=1 rset=1 quit=1 commands=8", Delivered = 1, Injected = "notDelivered 451 -",
        },
        new()
        {
            Name = "dataBody close reset", Rule = "'at':'dataBody','afterBytes':14,'action':{'type':'close','how':'reset'}",
            Dialogue = $"{Begun}\nEND reset", Relay = Aborted, Lost = "lost connection after DATA (14 bytes)",
            Injected = "notDelivered - -",
        },
        new()
        {
            Name = "dataBody close fin", Rule = "'at':'dataBody','afterBytes':14,'action':{'type':'close','how':'fin'}",
            Dialogue = $"{Begun}\nEND fin", Relay = Aborted, Lost = "lost connection after DATA (14 bytes)", Injected = "notDelivered - -",
        },
        new()
        {
            Name = "dataBody stall, then on",
                Rule = "'at':'dataBody','afterBytes':14,'action':{'type':'stall','duration':'00:00:00.5','side':'upstream'}",
            Dialogue = $"{Begun}\n{Dot}\n{Queued}\n{Quit}", Relay = OneMail, Delivered = 1, Injected = "none - -",
        },
        new()
        {
            Name = "dataBody stall until the client goes",
                Rule = "'at':'dataBody','afterBytes':14,'action':{'type':'stall','untilPeerCloses':true,'side':'both'}",
            Dialogue = $"{Begun}\n{Dot}\nRESET", Relay = Aborted, Lost = "lost connection after DATA", Injected = "notDelivered - -",
        },
        new()
        {
            Name = "endOfData rejectMessage", Rule = "'at':'endOfData','action':{'type':'rejectMessage'}",
            Dialogue = $"{Begun}\n{Dot}\nS: 554 5.7.1 Message refused\n{Tail}", Relay = Aborted, Lost = "lost connection after DATA",
            Injected = "notDelivered 554 -",
        },
        new()
        {
            Name = "endOfData rejectMessage, the client wants more", Rule = "'at':'endOfData','action':{'type':'rejectMessage'}",
            Dialogue = $"{Begun}\n{Dot}\nS: 554 5.7.1 Message refused\n{TailOfMore}", Relay = Aborted, Lost = "lost connection after DATA",
            Injected = "notDelivered 554 -",
        },
        new()
        {
            Name = "endOfData rejectMessage, dot and QUIT in one piece", Rule = "'at':'endOfData','action':{'type':'rejectMessage'}",
            Dialogue = $"{Begun}\n{Dot}\nC: QUIT\nS: 554 5.7.1 Message refused\nS: 221 2.0.0 Bye\nEND fin", Relay = Aborted,
            Lost = "lost connection after DATA", Injected = "notDelivered 554 -",
        },
        AckLoss("reset", "'then':'reset'", "END reset"),
        AckLoss("fin", "'then':'fin'", "END fin"),
        AckLoss("stall", "'then':'stall'", "HELD\nRESET"),
        new()
        {
            Name = "endOfData rewriteReply 451",
                Rule = "'at':'endOfData','action':{'type':'rewriteReply','when':['2xx'],'code':451,'enhanced':'4.3.0','text':['Not now']}",
            Dialogue = $"{Begun}\n{Dot}\nS: 451 4.3.0 Not now\n{Quit}", Relay = OneMail, Delivered = 1, Injected = "duplicateRisk 451 250",
        },
        new()
        {
            Name = "endOfData blackhole", Rule = "'at':'endOfData','action':{'type':'blackhole'}",
            Dialogue = $"{Begun}\n{Dot}\nS: 250 2.0.0 Ok: queued\n{Tail}", Relay = Aborted, Lost = "lost connection after DATA",
            Injected = "lossRisk 250 -",
        },
        new()
        {
            Name = "endOfData blackhole, the client wants more", Rule = "'at':'endOfData','action':{'type':'blackhole'}",
            Dialogue = $"{Begun}\n{Dot}\nS: 250 2.0.0 Ok: queued\n{TailOfMore}", Relay = Aborted, Lost = "lost connection after DATA",
            Injected = "lossRisk 250 -",
        },
        new()
        {
            // The last chunk is withheld: the relay has none of it.
            Name = "endOfData rejectMessage at BDAT LAST", Rule = "'at':'endOfData','action':{'type':'rejectMessage'}",
            Dialogue =
                $"{Hello}\n{Envelope}\nC: BDAT 16\nC: Subject: row\nC:\nS: 250 2.0.0 Ok: 16 bytes\nC: BDAT 7 LAST\nC: hello\nS: 554 " +
                    $"5.7.1 Message refused\n{Tail}",
            Relay = "ehlo=1 mail=1 rcpt=1 bdat=1 commands=4", Lost = "lost connection after BDAT", Injected = "notDelivered 554 -",
        },
    ];

    // The relay has the message; of a session that ends without a word behind one Postfix says nothing.
    private static Row AckLoss(string how, string then, string end) => new()
    {
        Name = $"endOfData ackLoss {how}", Rule = $"'at':'endOfData','action':{{'type':'ackLoss',{then}}}",
        Dialogue = $"{Begun}\n{Dot}\n{end}", Relay = "ehlo=1 mail=1 rcpt=1 data=1 commands=4", Delivered = 1,
        Injected = "duplicateRisk - 250",
    };
}
