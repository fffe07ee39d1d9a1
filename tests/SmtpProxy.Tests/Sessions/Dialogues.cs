using System.Text;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Scripts of whole sessions for the simulated peers.</summary>
internal static class Dialogues
{
    public const string Greeting = "220 mx.example.net ESMTP\r\n";
    public const string EhloReply = "250-mx.example.net\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 STARTTLS\r\n";

    /// <summary>A message of at least this many octets, with lines that begin with a dot.</summary>
    public static string Body(int octets)
    {
        var body = new StringBuilder("Subject: test\r\n\r\n");
        for (var line = 0; body.Length < octets; line++)
        {
            body.Append(line % 7 == 0 ? ".." : "").Append("line ").Append(line).Append(" of the message, with some text to fill it up\r\n");
        }

        return body.ToString();
    }

    /// <summary>One message in lock-step, QUIT, and both sides close. The relay gives a verdict; the client goes on when
    /// it hears what it awaits.</summary>
    public static void OneMessage(
        Simulation.Simulation sim, string body, string verdict = "250 2.0.0 queued\r\n", string awaited = "250 2.0.0")
    {
        sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO client\r\n").Awaits("STARTTLS\r\n")
            .Says("MAIL FROM:<a@example.org>\r\n").Awaits("250 2.1.0")
            .Says("RCPT TO:<b@example.net>\r\n").Awaits("250 2.1.5")
            .Says("DATA\r\n").Awaits("354 go\r\n").Says(body + ".\r\n").Awaits(awaited)
            .Says("QUIT\r\n").Awaits("221 ").Fin();
        sim.Relay.Says(Greeting).Awaits("EHLO client\r\n").Says(EhloReply)
            .Awaits("MAIL FROM:<a@example.org>\r\n").Says("250 2.1.0 ok\r\n")
            .Awaits("RCPT TO:<b@example.net>\r\n").Says("250 2.1.5 ok\r\n")
            .Awaits("DATA\r\n").Says("354 go\r\n").Awaits("\r\n.\r\n").Says(verdict)
            .Awaits("QUIT\r\n").Says("221 2.0.0 bye\r\n").Fin();
    }

    /// <summary>Everything that the client of <see cref="OneMessage"/> says.</summary>
    public static string ClientOf(string body) =>
        "EHLO client\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n" + body + ".\r\nQUIT\r\n";

    /// <summary>Everything that the relay of <see cref="OneMessage"/> says.</summary>
    public const string RelayOfOneMessage =
        Greeting + EhloReply + "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n250 2.0.0 queued\r\n221 2.0.0 bye\r\n";
}
