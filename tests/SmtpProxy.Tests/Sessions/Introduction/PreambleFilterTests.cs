using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Simulation;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Preamble;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Introduction;

/// <summary>Relays that are told the client by XCLIENT; the simulated client is 192.0.2.7:40112 and connected to 192.0.2.1:25.</summary>
public sealed class PreambleFilterTests
{
    private const string Offer =
        "250-mx\r\n250-PIPELINING\r\n250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n250 SIZE\r\n";
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

    /// <summary>A relay with lines 0yz gets the session, and the client hears what stands with the greeting that is its own.</summary>
    [Fact]
    public void Relay_ThatTellsWhatItDoes_IsTold_HoweverItIsCut()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = Bed(seed);
            bed.Sim.Relay.Says("050 wait\r\n220-mx\r\n050-still\r\n220 first\r\n050 done\r\n").Awaits("EHLO proxy.example\r\n")
                .Says("050 so\r\n" + Offer.Replace("\r\n250 ", "\r\n050 wait\r\n250 ", StringComparison.Ordinal))
                .Awaits(Command).Says("050 looking\r\n" + Again).Awaits("EHLO c\r\n").Says("250 mx\r\n").Awaits("QUIT\r\n")
                .Says("221 bye\r\n").Fin();
            bed.Sim.Client.Says("EHLO c\r\n").Awaits("250 ").Says("QUIT\r\n").Awaits("221").Fin();

            bed.Sim.RunToEnd();

            Assert.Equal("050 looking\r\n" + Again + "250 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
            Assert.Equal(("quit", 220, 5),
                (bed.Record.GetProperty("outcome").GetString(), bed.Record.GetProperty("greeting").GetProperty("code").GetInt32(),
                bed.Record.GetProperty("xclient").GetProperty("attributes").GetArrayLength()));
        }
    }

    [Theory]
    [InlineData("250-mx\r\n250 SIZE\r\n", "", null, "IntroductionFailed")]
    [InlineData("502 no\r\n", "", null, "IntroductionFailed")]
    [InlineData("250-mx\r\n250 XCLIENT NAME\r\n", "", null, "IntroductionFailed")]
    [InlineData(Offer, "550 5.7.0 not you\r\n", 550, "IntroductionRefused")]
    [InlineData(Offer, "501 5.5.4 Bad ADDR syntax\r\n", 501, "IntroductionRefused")]
    [InlineData(Offer, "250 ok\r\n", 250, "IntroductionRefused")]
    public void Relay_ThatDoesNotTakeIt_IsLeft_AndHearsNothingOfTheClient(string ehlo, string xclient, int? code, string report)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = Bed(seed);
            bed.Sim.Relay.Says("220 first\r\n").Awaits("EHLO proxy.example\r\n").Says(ehlo);
            if (xclient.Length > 0)
            {
                bed.Sim.Relay.Awaits(Command).Says(xclient);
            }

            bed.Sim.Client.Says("EHLO early\r\n").Awaits("421").Fin();

            bed.Sim.RunToEnd();

            Assert.Equal("421 4.3.2 Service not available: the relay could not be told who the client is\r\n", bed.Sim.Client.Heard);
            Assert.DoesNotContain("early", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal([$"relay-0:{report}"], bed.Relays.Reports);
            Assert.Equal(0, bed.Relays.Open);
            var note = bed.Record.GetProperty("xclient");
            Assert.Equal(code, note.ValueKind == System.Text.Json.JsonValueKind.Null ? null : note.GetProperty("code").GetInt32());
            Assert.Equal(("connect_failed", "introduction_refused"),
                (bed.Record.GetProperty("outcome").GetString(), bed.Record.GetProperty("diagnosis").GetProperty("code").GetString()));
        }
    }

    [Theory]
    [InlineData("220 mx\r\n250 and more\r\n")]
    [InlineData("250 mx\r\n")]
    [InlineData("hello\r\n220 mx\r\n")]
    [InlineData("\x16\x03\x01 no SMTP\r\n")]
    public void Relay_WithAnOddGreeting_IsLeftForTheNext(string greeting)
    {
        var bed = Bed(relays: 2);
        bed.Sim.Relays(0).Says(greeting);
        Serve(bed.Sim.Relays(1));
        bed.Sim.Client.Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("", bed.Sim.Relays(0).Heard);
        Assert.Equal(Again + "221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(["relay-0:GreetingFailed", "relay-1:Greeted"], bed.Relays.Reports);
    }

    [Fact]
    public void Relay_AnsweringOneOctetAtATime_HasTheTimeOfOneReplyForAllOfThem()
    {
        var limits = new SessionLimits { Greeting = TimeSpan.FromSeconds(10), Reply = TimeSpan.FromSeconds(20) };
        var bed = new SessionBed(limits, relays: 2, identity: RelayIdentity.None with { XClientAs = "proxy.example" });
        Drip(bed.Sim.Relays(0).Waits(TimeSpan.FromSeconds(9)).Says("220 first\r\n").Awaits("EHLO"), Offer);
        Serve(bed.Sim.Relays(1));
        bed.Sim.Client.Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(Again + "221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal("relay-0:IntroductionFailed", bed.Relays.Reports[0]);
        Assert.InRange(bed.Sim.Elapsed, TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(31));
    }

    [Theory]
    [InlineData("554 5.7.1 no mail\r\n", "")]
    [InlineData("421 busy\r\n", "")]
    [InlineData("220 mx\r\n", "554 5.7.1 Client host rejected\r\n")]
    public void Relay_ThatTurnsTheClientAway_SaysSoItself_AndHearsNothingButQuit(string greeting, string xclient)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = Bed(seed);
            bed.Sim.Relay.Says(greeting);
            if (xclient.Length > 0)
            {
                bed.Sim.Relay.Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits(Command).Says(xclient);
            }

            // It is in no hurry to hang up.
            bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n");
            bed.Sim.Client.Says("EHLO early\r\n").Awaits(xclient.Length > 0 ? xclient : greeting).Says("MAIL FROM:<a@b>\r\n").Fin();
            bed.Sim.RunToEnd();

            Assert.Equal(xclient.Length > 0 ? xclient : greeting, bed.Sim.Client.Heard);
            Assert.Equal((xclient.Length > 0 ? "EHLO proxy.example\r\n" + Command : "") + "QUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal(["relay-0:GreetingRefused"], bed.Relays.Reports);
            Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        }
    }

    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Relay_GoneAtAnyPoint_NextRelayServesUnnoticed(EndKind how)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var bed = Bed(seed, relays: 2);
            var first = bed.Sim.Relays(0);
            if (seed % 3 > 0)
            {
                first.Says("220 first\r\n").Awaits("EHLO proxy.example\r\n");
            }

            if (seed % 3 > 1)
            {
                first.Says(Offer).Awaits(Command);
            }

            End(first.Says("22"), how);
            Serve(bed.Sim.Relays(1));
            bed.Sim.Client.Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(Again + "221 bye\r\n", bed.Sim.Client.Heard);
            Assert.DoesNotContain("QUIT", first.Heard, StringComparison.Ordinal);
        }
    }

    /// <summary>Each end of either side after each event, in every order that seeds come by.</summary>
    [Theory]
    [InlineData(Leg.Client, EndKind.Fin)]
    [InlineData(Leg.Client, EndKind.Reset)]
    [InlineData(Leg.Relay, EndKind.Fin)]
    [InlineData(Leg.Relay, EndKind.Reset)]
    public void Session_WithEitherSideGoneAfterEachEvent_EndsAndNothingIsLeft(Leg who, EndKind how)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            for (var after = 1; ; after++)
            {
                var bed = Bed(seed);
                Serve(bed.Sim.Relay);
                bed.Sim.Client.Says("EHLO early\r\n").Awaits("221").Fin();
                var steps = 0;
                while (steps < after && bed.Sim.Step())
                {
                    steps++;
                }

                if (steps < after)
                {
                    break;
                }

                bed.Sim.Peer(who).EndsNow(how);
                bed.Sim.RunToEnd();
                Assert.Equal((0, 0), (bed.Host.Count, bed.Relays.Open));
                var heard = bed.Sim.Relay.Heard;
                Assert.True(!heard.Contains("early", StringComparison.Ordinal)
                    || heard.StartsWith("EHLO proxy.example\r\n" + Command, StringComparison.Ordinal), bed.Sim.ToString());
            }
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
        var command = XClientCommand.Write(["ADDR", "PORT"], IPEndPoint.Parse("[2001:db8::7]:4711"), IPEndPoint.Parse("[2001:db8::25]:25"),
            out var attributes);
        Assert.Equal("XCLIENT ADDR=IPV6:2001:db8::7 PORT=4711\r\n", System.Text.Encoding.ASCII.GetString(command!));
        Assert.Equal(["ADDR", "PORT"], attributes);
    }

    private static void Serve(SimulatedPeer relay) =>
        relay.Says("220 mx\r\n").Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits(Command).Says(Again)
        .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

    private static void Drip(SimulatedPeer relay, string text)
    {
        foreach (var octet in text)
        {
            relay.Says($"{octet}").Waits(TimeSpan.FromSeconds(1));
        }
    }

    private static void End(SimulatedPeer relay, EndKind how) => _ = how == EndKind.Fin ? relay.Fin() : relay.Resets();

    private static SessionBed Bed(int? seed = null, int relays = 1) =>
        new(seed: seed, relays: relays, identity: RelayIdentity.None with { XClientAs = "proxy.example" });
}
