using System.Net;
using SmtpProxy.Sessions.Introduction;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Tests.Sessions.Introduction;

/// <summary>Relays that are told the client by XCLIENT; the simulated client is 192.0.2.7:40112 and connected to 192.0.2.1:25.</summary>
public sealed class IntroducingPairTests
{
    private const string Offer = "250-mx\r\n250-PIPELINING\r\n250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n250 SIZE\r\n";
    private const string Command = "XCLIENT ADDR=192.0.2.7 PORT=40112 NAME=[UNAVAILABLE] DESTADDR=192.0.2.1 DESTPORT=25\r\n";
    private const string Again = "220 mx again\r\n";

    [Fact]
    public void Relay_ThatOffersXClient_IsTold_AndTheClientNoticesNothing_HoweverItIsCut()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var bed = Bed(seed);
            bed.Sim.Relay.Says("220-mx\r\n220 first\r\n").Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits(Command).Says(Again)
                .Awaits("EHLO c\r\n").Says("250 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            // Early talk waits: the relay must not hear it before its own greeting is over.
            bed.Sim.Client.Says("EHLO c\r\n").Awaits("250 ").Says("QUIT\r\n").Awaits("221").Fin();

            bed.Sim.RunToEnd();

            Assert.Equal("EHLO proxy.example\r\n" + Command + "EHLO c\r\nQUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal(Again + "250 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
            var note = bed.Record.GetProperty("xclient");
            Assert.Equal((220, 5), (note.GetProperty("code").GetInt32(), note.GetProperty("attributes").GetArrayLength()));
            Assert.Equal(2, bed.Record.GetProperty("exchanges").GetArrayLength());
            Assert.Equal("quit", bed.Record.GetProperty("final_state").GetString());
        }
    }

    [Theory]
    [InlineData("250-mx\r\n250 SIZE\r\n", "", null)]
    [InlineData("502 no\r\n", "", null)]
    [InlineData("250-mx\r\n250 XCLIENT NAME\r\n", "", null)]
    [InlineData(Offer, "550 5.7.0 not you\r\n", 550)]
    public void Relay_ThatDoesNotTakeIt_ServesTheSessionWithItsGreeting(string ehlo, string xclient, int? code)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = Bed(seed);
            bed.Sim.Relay.Says("220 first\r\n").Awaits("EHLO proxy.example\r\n").Says(ehlo);
            if (xclient.Length > 0)
            {
                bed.Sim.Relay.Awaits(Command).Says(xclient);
            }

            bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("QUIT\r\n").Awaits("221").Fin();

            bed.Sim.RunToEnd();

            Assert.Equal("220 first\r\n221 bye\r\n", bed.Sim.Client.Heard);
            var note = bed.Record.GetProperty("xclient");
            Assert.Equal(code, note.ValueKind == System.Text.Json.JsonValueKind.Null ? null : note.GetProperty("code").GetInt32());
        }
    }

    [Theory]
    [InlineData("554 no mail\r\n")]
    [InlineData("421 busy\r\n")]
    [InlineData("220 mx\r\n250 and more\r\n")]
    [InlineData("\x16\x03\x01 no SMTP\r\n")]
    public void Relay_ThatGreetsOtherwise_IsAskedNothing_AndTheClientGetsAllOfIt(string greeting)
    {
        var bed = Bed();
        bed.Sim.Relay.Says(greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits(greeting).Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("QUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(greeting + "221 bye\r\n", bed.Sim.Client.Heard);
    }

    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Relay_GoneMeanwhile_NextRelayServesUnnoticed(EndKind how)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = Bed(seed, relays: 2);
            bed.Sim.Relays(0).Says("220 first\r\n").Awaits("EHLO proxy.example\r\n").EndsNow(how);
            bed.Sim.Relays(1).Says("220 second\r\n").Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits(Command).Says(Again)
                .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(Again + "221 bye\r\n", bed.Sim.Client.Heard);
        }
    }

    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Relay_GoneMeanwhileAndTheOnlyOne_SessionEndsAndNothingIsLeft(EndKind how)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = Bed(seed);
            bed.Sim.Relay.Says("220 first\r\n").Awaits("EHLO proxy.example\r\n").EndsNow(how);
            bed.Sim.Client.Says("EHLO early\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal((0, 0), (bed.Host.Count, bed.Relays.Open));
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a b+c=d", "a+20b+2Bc+3Dd")]
    [InlineData("ü\r\n", "+C3+BC+0D+0A")]
    public void XText_OfAnything_IsOneWord(string text, string encoded) => Assert.Equal(encoded, XClientCommand.XText(text));

    [Fact]
    public void Command_OfAnIPv6Client_SaysSo()
    {
        var command = XClientCommand.Write(["ADDR", "PORT"], IPEndPoint.Parse("[2001:db8::7]:4711"), IPEndPoint.Parse("[2001:db8::25]:25"), out var attributes);
        Assert.Equal("XCLIENT ADDR=IPV6:2001:db8::7 PORT=4711\r\n", System.Text.Encoding.ASCII.GetString(command!));
        Assert.Equal(["ADDR", "PORT"], attributes);
    }

    private static SessionBed Bed(int? seed = null, int relays = 1) =>
        new(seed: seed, relays: relays, identity: RelayIdentity.None with { XClientAs = "proxy.example" });
}
