using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What the engine is told of each session that is over: it halts where too many fail that were not struck.</summary>
public sealed class FaultFilterOverTests
{
    [Theory]
    [InlineData("quits", false, false)]
    [InlineData("client leaves", false, false)]
    [InlineData("relay refuses", false, false)]
    [InlineData("relay leaves", false, true)]
    [InlineData("relay is silent", false, true)]
    [InlineData("client is silent", false, true)]
    [InlineData("no relay is reached", false, true)]
    [InlineData("struck and quits", true, false)]
    [InlineData("struck and ended", true, true)]
    public void Session_ThatIsOver_IsCountedAsFailedOrNot_AndAsFaultedOrNot(string script, bool faulted, bool failed)
    {
        foreach (var isArmed in (bool[])[true, false])
        {
            if (!isArmed && faulted)
            {
                continue;
            }

            var faults = new FakeFaults { IsArmed = isArmed };
            if (script.StartsWith("struck", StringComparison.Ordinal))
            {
                faults.Behind(FaultPoint.Ehlo, s => s.Reply = real => script == "struck and quits" ? [new ReplyStep.Say(real)]
                    : [new ReplyStep.Say(real), new ReplyStep.End(EndKind.Fin)]);
            }

            var bed = new SessionBed(faults: faults);
            Play(bed, script);
            bed.Sim.RunToEnd();
            Assert.Equal((faulted, failed), faults.Ended);
            Assert.Equal(0, faults.Opened);
        }
    }

    private static void Play(SessionBed bed, string script)
    {
        var (client, relay) = (bed.Sim.Client, bed.Sim.Relay);
        if (script == "no relay is reached")
        {
            bed.Sim.Dials.Then(DialOutcome.Refused);
            client.Awaits("421").Awaits("\r\n").Fin();
            return;
        }

        if (script == "relay refuses")
        {
            relay.Says("554 no mail\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            client.Awaits("554 no mail\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
            return;
        }

        client.Awaits("220 mx\r\n").Says("EHLO c\r\n");
        relay.Says("220 mx\r\n").Awaits("EHLO c\r\n");
        switch (script)
        {
            case "relay leaves":
                relay.Fin();
                break;
            case "relay is silent":
                client.Awaits("421").Awaits("\r\n").Fin();
                break;
            case "client is silent":
                relay.Says("250 mx\r\n");
                client.Awaits("421").Awaits("\r\n").Fin();
                break;
            case "client leaves":
                relay.Says("250 mx\r\n");
                client.Awaits("250 mx\r\n").Fin();
                break;
            default:
                relay.Says("250 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
                client.Awaits("250 mx\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
                break;
        }
    }
}
