using static SmtpProxy.FunctionalTests.Faults.Coherence.Parts;

namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>Faults from the greeting to RCPT, at RSET and QUIT.</summary>
internal static class RowsOfCommands
{
    private const string OneMail = "ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5";

    public static IReadOnlyList<Row> All { get; } =
    [
        new()
        {
            Name = "greeting reply 421", Rule =
                "'at':'greeting','action':{'type':'reply','code':421,'enhanced':'4.3.2','text':['Not now'],'close':'fin'}",
            Dialogue = "S: 421 4.3.2 Not now\nEND fin", Relay = null, Injected = "notDelivered 421 -",
        },
        new()
        {
            Name = "greeting reply 554", Rule =
                "'at':'greeting','action':{'type':'reply','code':554,'enhanced':'5.7.1','text':['Not you']}",
            Dialogue = $"S: 554 5.7.1 Not you\nC: EHLO c.example\nS: 503 5.5.1 Bad sequence of commands\n{Quit}", Relay = null,
            Injected = "notDelivered 554 -",
        },
        new()
        {
            Name = "greeting delay", Rule = "'at':'greeting','action':{'type':'delay','duration':'00:00:02','where':'beforeDial'}",
                DialledAfter = TimeSpan.FromSeconds(2),
            Dialogue = $"{Hello}\n{Mail}\n{Quit}", Relay = OneMail, Delivered = 1, Injected = "none 220 220",
        },
        new()
        {
            Name = "ehlo reply 502", Rule = "'at':'ehlo','action':{'type':'reply','code':502,'enhanced':'5.5.1','text':['What?']}",
            Dialogue = $"S: {{greeting}}\nC: EHLO c.example\nS: 502 5.5.1 What?\nC: HELO c.example\nS: 250 mx.test.example\n{Mail}\n{Quit}",
            Relay = "helo=1 mail=1 rcpt=1 data=1 quit=1 commands=5", Delivered = 1, Injected = "notDelivered 502 -",
        },
        new()
        {
            Name = "ehlo editCapabilities STARTTLS", Rule = "'at':'ehlo','action':{'type':'editCapabilities','remove':['STARTTLS']}",
            Ehlo = static line => line == "250-STARTTLS" ? "" : line,
            Dialogue = $"{Hello}\nC: STARTTLS\nS: 502 5.5.1 Command not implemented\n{Mail}\n{Quit}", Relay = OneMail, Delivered = 1,
            Injected = "none 250 250",
        },
        new()
        {
            Name = "ehlo editCapabilities SIZE", Rule = "'at':'ehlo','action':{'type':'editCapabilities','set':{'size':1000}}",
            Ehlo = static line => line.StartsWith("250-SIZE ", StringComparison.Ordinal) ? "250-SIZE 1000" : line,
            Dialogue =
                $"{Hello}\nC: MAIL FROM:<me@test.example> SIZE=1001\nS: 552 5.3.4 Message size exceeds fixed maximum message size\n" +
                    $"{Mail}\n{Quit}",
            Relay = OneMail, Delivered = 1, Injected = "none 250 250",
        },
        new()
        {
            Name = "starttls reply 454", Rule =
                "'at':'starttls','action':{'type':'reply','code':454,'enhanced':'4.7.0','text':['Not now']}",
            Dialogue = $"{Hello}\nC: STARTTLS\nS: 454 4.7.0 Not now\n{Mail}\n{Quit}", Relay = OneMail, Delivered = 1,
            Injected = "notDelivered 454 -",
        },
        StartTlsBreak("fin", "END fin"),
        StartTlsBreak("reset", "END reset"),
        StartTlsBreak("garbage", "S: this is no TLS record, whatever you expected\nEND fin"),
        StartTlsBreak("stall", "RESET"),
        new()
        {
            Name = "auth reply 535", Rule = "'at':'auth','action':{'type':'reply','code':535,'enhanced':'5.7.8','text':['No']}",
            Dialogue = $"{Hello}\nC: AUTH PLAIN AHVzZXIAc2VjcmV0\nS: 535 5.7.8 No\n{Mail}\n{Quit}", Relay = OneMail, Delivered = 1,
            Injected = "notDelivered 535 -",
        },
        new()
        {
            // The relay gets "*", and its 501 goes nowhere.
            Name = "authStep reply 454", Rule =
                "'at':'authStep','action':{'type':'reply','code':454,'enhanced':'4.7.0','text':['Not now']}",
            Dialogue = $"{Hello}\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: dXNlcg==\nS: 454 4.7.0 Not now\n{Mail}\n{Quit}",
            Relay = "ehlo=1 auth=0/1 mail=1 rcpt=1 data=1 quit=1 commands=5/6", Delivered = 1, Injected = "notDelivered 454 -",
        },
        new()
        {
            Name = "mail reply 451, pipelined",
                Rule = "'at':'mail','action':{'type':'reply','code':451,'enhanced':'4.3.0','text':['Not now']}",
            Dialogue = $"{Hello}\nC: MAIL FROM:<me@test.example>\nC: RCPT TO:<a@test.example>\nC: DATA\nS: 451 4.3.0 Not now\n"
                + $"S: 503 5.5.1 Error: need MAIL command\nS: 503 5.5.1 Error: need RCPT command\n{Quit}",
            Relay = "ehlo=1 rcpt=0/1 data=0/1 quit=1 commands=2/4", Injected = "notDelivered 451 -",
        },
        new()
        {
            Name = "rcpt reply 550, the only one, pipelined",
                Rule = "'at':'rcpt','action':{'type':'reply','code':550,'enhanced':'5.1.1','text':['Who?']}",
            Dialogue =
                $"{Hello}\nC: MAIL FROM:<me@test.example>\nC: RCPT TO:<a@test.example>\nC: DATA\nS: 250 2.1.0 Ok\nS: 550 5.1.1 Who?\n"
                + $"S: 554 5.5.1 Error: no valid recipients\n{Quit}",
            Relay = "ehlo=1 mail=1 data=0/1 quit=1 commands=3/4", Injected = "notDelivered 550 -",
        },
        new()
        {
            Name = "rcpt reply 550, one of two, pipelined",
                Rule = "'at':'rcpt','occurrence':{'nth':[1]},'action':{'type':'reply','code':550,'enhanced':'5.1.1','text':['Who?']}",
            Dialogue =
                $"{Hello}\nC: MAIL FROM:<me@test.example>\nC: RCPT TO:<b@test.example>\nC: RCPT TO:<a@test.example>\nC: DATA\nS: 250 " +
                    $"2.1.0 Ok\nS: 550 5.1.1 Who?\n"
                + $"S: 250 2.1.5 Ok\nS: 354 End data with <CR><LF>.<CR><LF>\n{Text}\n{Dot}\n{Queued}\n{Quit}",
            Relay = OneMail, Delivered = 1, Injected = "notDelivered 550 -",
        },
        new()
        {
            // The relay would keep the transaction: it is reset there all the same, or the next MAIL was nested.
            Name = "rset reply 451", Rule = "'at':'rset','action':{'type':'reply','code':451,'enhanced':'4.3.0','text':['Not now']}",
            Dialogue = $"{Hello}\n{Envelope}\nC: RSET\nS: 451 4.3.0 Not now\n{Mail}\n{Quit}",
            Relay = "ehlo=1 mail=2 rcpt=2 data=1 rset=1 quit=1 commands=8", Delivered = 1, Injected = "notDelivered 451 -",
        },
        new()
        {
            Name = "quit close", Rule = "'at':'quit','action':{'type':'close','how':'fin'}",
            Dialogue = $"{Hello}\n{Mail}\nC: QUIT\nEND fin", Relay = OneMail, Delivered = 1, Injected = "notDelivered - -",
        },
        new()
        {
            Name = "quit reply 421", Rule = "'at':'quit','action':{'type':'reply','code':421,'enhanced':'4.3.2','text':['Gone']}",
            Dialogue = $"{Hello}\n{Mail}\nC: QUIT\nS: 421 4.3.2 Gone\nEND fin", Relay = OneMail, Delivered = 1,
            Injected = "notDelivered 421 -",
        },
    ];

    // The relay is never told of STARTTLS: to it a client came, said EHLO and went.
    private static Row StartTlsBreak(string how, string end) => new()
    {
        Name = $"starttls starttlsBreak {how}", Rule = $"'at':'starttls','action':{{'type':'starttlsBreak','how':'{how}'}}",
        Dialogue = $"{Hello}\nC: STARTTLS\nS: 220 2.0.0 Ready to start TLS\n{end}",
        Relay = "ehlo=1 commands=1", Lost = "lost connection after EHLO", Injected = "notDelivered 220 -",
    };
}
