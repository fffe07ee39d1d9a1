using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What rules are told of a session at each point: it is what their conditions are held against.</summary>
public sealed class FaultFactsTests
{
    [Fact]
    public void Facts_OfEachCommand_AreOfTheTransactionAtHand()
    {
        Assert.Equal(
            [
                "Ehlo 1 EHLO helo=c",
                "Auth 2 AUTH helo=c",
                "Mail 3 MAIL helo=c in from=a@b size=900 transactions=1",
                "Rcpt 4 RCPT helo=c in from=a@b to=c@d first=c@d recipients=1 size=900 transactions=1",
                "Rcpt 5 RCPT helo=c in from=a@b to=e@f first=c@d recipients=2 size=900 transactions=1",
                "Rset 6 RSET helo=c in from=a@b to=e@f first=c@d recipients=2 size=900 transactions=1",
                "Mail 7 MAIL helo=c in from= transactions=2",
                "Mail 8 MAIL helo=c in from=g@h transactions=3",
                "Rcpt 9 RCPT helo=c in from=g@h to=i@j first=i@j recipients=1 transactions=3",
                "Data 10 DATA helo=c in from=g@h to=i@j first=i@j recipients=1 transactions=3",
                "EndOfData 10 DATA helo=c in from=g@h to=i@j first=i@j recipients=1 transactions=3 body=11",
                "Noop 11 NOOP helo=c in transactions=3",
                "Helo 12 HELO helo=d in transactions=3",
                "Quit 13 QUIT helo=d in transactions=3",
            ],
            Seen(static client => client.Says("EHLO c\r\n").Awaits("STARTTLS\r\n")
                .Says("AUTH PLAIN AGEAYg==\r\n").Awaits("235").Awaits("\r\n")
                .Says("mail FROM:<a@b> BODY=8BITMIME size=900\r\n").Awaits("250").Awaits("\r\n")
                .Says("RCPT TO:<c@d>\r\n").Awaits("250").Awaits("\r\n").Says("RCPT TO:<e@f> NOTIFY=NEVER\r\n").Awaits("250").Awaits("\r\n")
                .Says("RSET\r\n").Awaits("250").Awaits("\r\n")
                .Says("MAIL FROM:<> SIZE=x\r\n").Awaits("550").Awaits("\r\n")
                .Says("MAIL FROM:<g@h> SIZE=\r\n").Awaits("250").Awaits("\r\n").Says("RCPT TO:<i@j>\r\n").Awaits("250").Awaits("\r\n")
                .Says("DATA\r\n").Awaits("354").Awaits("\r\n").Says("text..\r\n.\r\n").Awaits("250").Awaits("\r\n")
                .Says("NOOP\r\n").Awaits("250").Awaits("\r\n").Says("HELO d\r\n").Awaits("250").Awaits("\r\n"),
                ["EHLO", "AUTH", "mail", "RCPT", "RCPT", "RSET", "MAIL", "MAIL", "RCPT", "DATA", "\r\n.\r\n", "NOOP", "HELO"],
                [Dialogues.EhloReply, "235 2.7.0 in\r\n", "250 a\r\n", "250 b\r\n", "250 c\r\n", "250 d\r\n", "550 no\r\n", "250 e\r\n",
                    "250 f\r\n", "354 go\r\n", "250 queued\r\n", "250 g\r\n", "250 h\r\n"]));
    }

    [Fact]
    public void Facts_OfChunks_AddUpAndAreForgottenAfterTheLast()
    {
        Assert.Equal(
            [
                "Ehlo 1 EHLO helo=c",
                "Mail 2 MAIL helo=c from=a@b transactions=1",
                "Rcpt 3 RCPT helo=c from=a@b to=c@d first=c@d recipients=1 transactions=1",
                "Bdat 4 BDAT helo=c from=a@b to=c@d first=c@d recipients=1 transactions=1",
                "EndOfData 5 BDAT helo=c from=a@b to=c@d first=c@d recipients=1 transactions=1 body=5",
                "Mail 6 MAIL helo=c from=e@f transactions=2",
                "Quit 7 QUIT helo=c from=e@f transactions=2",
            ],
            Seen(static client => client.Says("EHLO c\r\n").Awaits("STARTTLS\r\n")
                .Says("MAIL FROM:<a@b>\r\n").Awaits("250").Awaits("\r\n").Says("RCPT TO:<c@d>\r\n").Awaits("250").Awaits("\r\n")
                .Says("BDAT 5\r\n12345").Awaits("250").Awaits("\r\n").Says("BDAT 3 LAST\r\n678").Awaits("250").Awaits("\r\n")
                .Says("MAIL FROM:<e@f>\r\n").Awaits("250").Awaits("\r\n"),
                ["EHLO", "MAIL", "RCPT", "12345", "678", "MAIL"],
                [Dialogues.EhloReply, "250 a\r\n", "250 b\r\n", "250 c\r\n", "250 queued\r\n", "250 d\r\n"]));
    }

    private static List<string> Seen(Func<Simulation.SimulatedPeer, Simulation.SimulatedPeer> says, string[] heard, string[] replies)
    {
        var (faults, seen) = (new FakeFaults(), new List<string>());
        foreach (var point in Enum.GetValues<FaultPoint>().Where(static p => p > FaultPoint.Greeting && p != FaultPoint.DataBody))
        {
            faults.Commands[point] = facts =>
            {
                seen.Add(Shown(point, facts));
                return null;
            };
        }

        var bed = new SessionBed(faults: faults);
        says(bed.Sim.Client.Awaits("\r\n")).Says("QUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting);
        foreach (var (command, reply) in heard.Zip(replies))
        {
            bed.Sim.Relay.Awaits(command);
            if (char.IsAsciiLetter(command[0]))
            {
                bed.Sim.Relay.Awaits("\r\n");
            }

            bed.Sim.Relay.Says(reply);
        }

        bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        return seen;
    }

    private static string Shown(FaultPoint point, FaultFacts facts) => $"{point} {facts.Commands} {facts.Verb} helo={facts.HeloName}"
        + (facts.IsAuthenticated ? " in" : "") + (facts.MailFrom is { } from ? $" from={from}" : "")
        + (facts.RcptTo is { } to ? $" to={to}" : "") + (facts.FirstRcptTo is { } first ? $" first={first}" : "")
        + (facts.RecipientCount > 0 ? $" recipients={facts.RecipientCount}" : "")
        + (facts.DeclaredSize is { } size ? $" size={size}" : "") + $" transactions={facts.Transactions}".Replace(" transactions=0", "",
            StringComparison.Ordinal) + (facts.BodyOctets > 0 ? $" body={facts.BodyOctets}" : "");
}
