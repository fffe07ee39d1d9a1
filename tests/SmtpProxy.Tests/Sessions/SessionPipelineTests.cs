using System.Text.Json;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Tests.Simulation;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Sessions whose TLS ends at the proxy, whose relays are told the client, and that faults look at, in virtual time, with every
/// end at every point. Handshakes are pretended: nothing is encrypted.</summary>
public sealed class SessionPipelineTests
{
    private const string Ehlo = "250-mx\r\n250-PIPELINING\r\n250-XCLIENT ADDR PORT\r\n250 SIZE\r\n";
    private const string Offered = "250-mx\r\n250-PIPELINING\r\n250-SIZE\r\n250 STARTTLS\r\n";
    private const string Inside = "250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n";
    private const string Message = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\ntext\r\n.\r\nQUIT\r\n";
    private static readonly RelayTls Clear = RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None };
    private static readonly ListenerTls Required = new() { Mode = ListenerTlsMode.StartTls, Require = true };

    [Fact]
    public void StartTls_Required_MailPassesInsideOnly_HoweverItIsCut()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var bed = StartTls(seed, new FakeFaults[] { null!, new() }[seed % 2]);
            bed.Sim.RunToEnd();

            Assert.Equal("EHLO c\r\nEHLO c\r\n" + Message, bed.Sim.Relay.Heard);
            Assert.Equal(Told(), bed.Sim.Client.Heard);
            Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
            Assert.Equal("1.3", bed.Record.GetProperty("tls_client").GetProperty("version").GetString());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StartTls_Required_EveryEndAtEveryPoint_SessionEndsAndNothingIsOutOfOrder(bool faults)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            SessionBed bed = null!;
            EveryEnd.Replay(
                () => (bed = StartTls(seed, faults ? new FakeFaults() : null)).Sim,
                (sim, _) =>
                {
                    Assert.StartsWith(sim.Relay.Heard, "EHLO c\r\nEHLO c\r\n" + Message, StringComparison.Ordinal);
                    // The proxy may have the last word, where a reply can stand; and a reply that the relay broke off passes as it is.
                    var told = sim.Client.Heard.Split("421 ")[0].Replace("250-XCLIENT ADDR PORT\r\n", "", StringComparison.Ordinal);
                    Assert.StartsWith(told, Told(), StringComparison.Ordinal);
                    Assert.Equal(0, bed.Host.Count);
                    Assert.Equal(0, bed.Relays.Open);
                });
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ImplicitTls_EveryEndAtEveryPoint_SessionEndsAndNothingIsOutOfOrder(bool faults)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            SessionBed bed = null!;
            EveryEnd.Replay(
                () => (bed = Implicit(seed, faults ? new FakeFaults() : null)).Sim,
                (sim, _) =>
                {
                    Assert.StartsWith(sim.Relay.Heard, "EHLO c\r\n" + Message, StringComparison.Ordinal);
                    Assert.Equal(0, bed.Host.Count);
                    Assert.Equal(0, bed.Relays.Open);
                });
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Relay_ThatClosesWhileTheClientShakesHandsHere_IsClosingAndInjectsNothing(bool faults)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var bed = new SessionBed(seed: seed, faults: faults ? new FakeFaults() : null, tls: Required, relayTls: Clear);
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0")
                .Awaits("\r\n")
                .Waits(TimeSpan.FromSeconds(2)).Shakes().Awaits("421").Fin();
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(Ehlo).Waits(TimeSpan.FromSeconds(1)).Says("421 4.3.2 bye\r\n")
                .Waits(TimeSpan.FromSeconds(5)).Fin();
            bed.Sim.RunToEnd();

            Assert.EndsWith("421 4.3.2 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.Equal("unsolicited-421", string.Join(' ', bed.Record.GetProperty("anomalies").EnumerateArray()));
            Assert.Equal("closing-421", bed.Record.GetProperty("final_state").GetString());
        }
    }

    [Fact]
    public void Relay_WithTlsAndXClient_EveryEndAtEveryPoint_HearsOfTheClientAfterBothOnly()
    {
        const string Own = "EHLO proxy.example\r\nSTARTTLS\r\nEHLO proxy.example\r\nXCLIENT ADDR=192.0.2.7 PORT=40112\r\n";
        for (var seed = 0; seed < 3; seed++)
        {
            SessionBed bed = null!;
            EveryEnd.Replay(
                () => (bed = Introduced(seed)).Sim,
                (sim, _) =>
                {
                    // A relay that turns out to be no good is told QUIT at most.
                    Assert.True(
                        (Own + "EHLO c\r\nQUIT\r\n").StartsWith(sim.Relay.Heard, StringComparison.Ordinal)
                        || Own.StartsWith(sim.Relay.Heard.Replace("QUIT\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal),
                        sim.Relay.Heard);
                    Assert.Equal(0, bed.Host.Count);
                    Assert.Equal(0, bed.Relays.Open);
                });
        }
    }

    [Fact]
    public void Relay_WhoseHandshakeTakesTooLong_IsLeftForTheNext()
    {
        var bed = new SessionBed(relays: 2, tls: Required with { Require = false },
            relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.Implicit });
        bed.Sim.Relays(1).Shakes().Says("220 second\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 second\r\n").Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(["relay-0:TlsFailed", "relay-1:Greeted"], bed.Relays.Reports);
        Assert.Equal("220 second\r\n221 bye\r\n", bed.Sim.Client.Heard);
    }

    [Fact]
    public void Client_WhoseImplicitHandshakeFails_IsNoSession()
    {
        var bed = new SessionBed(tls: Required with { Mode = ListenerTlsMode.Implicit, Require = false });
        bed.Sim.Client.Resets();
        bed.Sim.RunToEnd();
        Assert.Empty(bed.Sim.Dials.Targets);
        Assert.Equal(0, bed.Host.Count);
        Assert.Equal("client_gone", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(JsonValueKind.Object, bed.Record.GetProperty("tls_client").ValueKind);
        Assert.Equal(0, bed.Record.GetProperty("duration_ms").GetDouble());
    }

    /// <summary>Until then there is no session that anything could happen to.</summary>
    [Fact]
    public void Event_BeforeTheImplicitHandshakeIsOver_DoesNothing()
    {
        var bed = new SessionBed(tls: Required with { Mode = ListenerTlsMode.Implicit, Require = false });
        var (session, pair) = (bed.Opened()!, new TestPair());
        session.Accepted(pair);
        Assert.Equal("secure Client 30000", pair.TakeTold());
        session.TimedOut(PairTimer.Session);
        session.Signalled((int)SessionSignal.Drain);
        session.Signalled((int)SessionSignal.Continue);
        session.Drained(Leg.Client);
        session.Ended(Leg.Client, EndKind.Reset);
        session.Closed();
        Assert.Equal(("", 0), (pair.TakeTold(), bed.Host.Count));
    }

    private static string Told() =>
        "220 mx\r\n" + Offered + "530 5.7.0 Must issue a STARTTLS command first\r\n220 2.0.0 Ready to start TLS\r\n"
        + Inside + "250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n221 bye\r\n";

    private static SessionBed StartTls(int seed, FakeFaults? faults)
    {
        var bed = new SessionBed(seed: seed, faults: faults, tls: Required, relayTls: Clear);
        bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("MAIL FROM:<early@b>\r\n").Awaits("530")
            .Awaits("\r\n")
            .Says("STARTTLS\r\n").Awaits("220 2.0.0").Awaits("\r\n").Shakes().Says("EHLO c\r\n").Awaits("250 SIZE\r\n").Says(Message)
            .Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(Ehlo).Awaits("EHLO c\r\n").Says(Ehlo);
        Serve(bed.Sim.Relay);
        return bed;
    }

    private static SessionBed Implicit(int seed, FakeFaults? faults)
    {
        var bed = new SessionBed(seed: seed, faults: faults, tls: Required with { Mode = ListenerTlsMode.Implicit, Require = false },
            relayTls: Clear);
        bed.Sim.Client.Shakes().Awaits("220").Says("EHLO c\r\n").Awaits("250 SIZE\r\n").Says(Message).Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(Ehlo);
        Serve(bed.Sim.Relay);
        return bed;
    }

    private static SessionBed Introduced(int seed)
    {
        const string Offer = "250-mx\r\n250-STARTTLS\r\n250 XCLIENT ADDR PORT\r\n";
        var bed = new SessionBed(
            seed: seed, identity: RelayIdentity.None with { XClientAs = "proxy.example" },
            relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.Required });
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits("STARTTLS\r\n").Says("220 go\r\n").Shakes()
            .Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits("PORT=40112\r\n").Says("220 again\r\n")
            .Awaits("EHLO c\r\n").Says("250 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Says("EHLO c\r\n").Awaits("250 mx\r\n").Says("QUIT\r\n").Awaits("221").Fin();
        return bed;
    }

    private static void Serve(SimulatedPeer relay) =>
        relay.Awaits("DATA\r\n").Says("250 ok\r\n250 ok\r\n354 go\r\n").Awaits("QUIT\r\n").Says("250 queued\r\n221 bye\r\n").Fin();
}
