using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What is known of a client by what it said and was told.</summary>
public sealed class ClientViewTests
{
    private const string Mail = "MAIL FROM:<a@b>|250;RCPT TO:<c@d>|250;RCPT TO:<e@f>|550";

    [Theory]
    [InlineData("SIZE=5", 5L)]
    [InlineData("size=50", 50L)]
    [InlineData("BODY=8BITMIME SIZE=7", 7L)]
    [InlineData("SIZE=7 SIZE=8", 7L)]
    [InlineData("SIZE= SIZE=8", 8L)]
    [InlineData("SIZE=0", 0L)]
    [InlineData("SIZE=", null)]
    [InlineData("SIZE", null)]
    [InlineData("SIZE=x", null)]
    [InlineData("SIZE=-5", null)]
    [InlineData("SIZE=+5", null)]
    [InlineData("SIZE=5x", null)]
    [InlineData("XSIZE=7", null)]
    [InlineData("SIZES=7", null)]
    [InlineData("SIZE=99999999999999999999", null)]
    public void Size_ThatMailDeclares_IsKnownWhereItIsANumber(string parameters, long? size)
    {
        long? seen = -1;
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Mail] = facts =>
        {
            seen = facts.DeclaredSize;
            return null;
        };
        Play(faults, $"MAIL FROM:<a@b> {parameters}|250");
        Assert.Equal(size, seen);
    }

    /// <summary>What is known of a transaction lasts as long as it does.</summary>
    [Theory]
    [InlineData("NOOP|250", "- - - 0")]
    [InlineData(Mail, "a@b e@f c@d 2")]
    [InlineData(Mail + ";NOOP|250", "a@b e@f c@d 2")]
    [InlineData(Mail + ";RSET|250", "- - - 0")]
    [InlineData(Mail + ";RSET|500", "a@b e@f c@d 2")]
    [InlineData(Mail + ";EHLO c|250", "- - - 0")]
    [InlineData(Mail + ";DATA|354;x\r\n.|250", "- - - 0")]
    [InlineData(Mail + ";DATA|354;x\r\n.|550", "- - - 0")]
    [InlineData(Mail + ";DATA|550", "a@b e@f c@d 2")]
    [InlineData("MAIL FROM:<a@b>|550", "- - - 0")]
    [InlineData("MAIL FROM:<a@b>|250", "a@b - - 0")]
    [InlineData("AUTH PLAIN AGEAYg==|235", "- - - 0 in")]
    [InlineData("AUTH PLAIN AGEAYg==|535", "- - - 0")]
    public void Facts_OfATransaction_AreForgottenWithIt(string script, string expected)
    {
        var seen = "";
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Vrfy] = facts =>
        {
            seen = $"{facts.MailFrom ?? "-"} {facts.RcptTo ?? "-"} {facts.FirstRcptTo ?? "-"} {facts.RecipientCount}"
                + (facts.IsAuthenticated ? " in" : "");
            return null;
        };
        Play(faults, script + ";VRFY a|252");
        Assert.Equal(expected, seen);
    }

    private static void Play(FakeFaults faults, string script)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("220 mx\r\n");
        bed.Sim.Relay.Says("220 mx\r\n");
        foreach (var line in $"EHLO c|250;{script};QUIT|221".Split(';'))
        {
            var (command, reply) = (line.Split('|')[0] + "\r\n", line.Split('|')[1] + " reply\r\n");
            bed.Sim.Client.Says(command).Awaits(reply);
            bed.Sim.Relay.Awaits(command).Says(reply);
        }

        bed.Sim.Client.Fin();
        bed.Sim.Relay.Fin();
        bed.Sim.RunToEnd();
        Assert.True(bed.Sim.Client.IsDone);
    }
}
