using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Listening;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Sessions;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Listening;

/// <summary>Sessions behind a gate that takes their PROXY header; the simulated peer is 192.0.2.7.</summary>
public sealed class ProxyHeaderGateTests
{
    private static readonly IPEndPoint Client = IPEndPoint.Parse("[2001:db8::7]:4711");
    private static readonly IPEndPoint Local = IPEndPoint.Parse("[2001:db8::25]:25");
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly Arrival Peer = new(IPEndPoint.Parse("192.0.2.7:40112"), IPEndPoint.Parse("192.0.2.1:25"), 0);

    [Theory]
    [InlineData(ProxyVersion.V1, true)]
    [InlineData(ProxyVersion.V2, true)]
    [InlineData(ProxyVersion.V1, false)]
    [InlineData(ProxyVersion.V2, false)]
    public void Session_BehindAHeader_IsTheTrueClients_HoweverItIsCut(ProxyVersion version, bool required)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var bed = new SessionBed();
            var sim = bed.Through(open => Gate(bed, open, required), seed);
            // The client talks at once, behind the header.
            sim.Client.Says([.. ProxyHeaderWriter.For(version, Client, Local), .. "QUIT\r\n"u8]).Awaits("221 ").Fin();
            sim.Relay.Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

            sim.RunToEnd();

            Assert.Equal("QUIT\r\n", sim.Relay.Heard);
            Assert.Equal(Dialogues.Greeting + "221 bye\r\n", sim.Client.Heard);
            Assert.Equal((Client.ToString(), 6),
                (bed.Record.GetProperty("client").GetString(), bed.Record.GetProperty("client_octets").GetInt32()));
        }
    }

    [Fact]
    public void Session_BehindALocalHeader_IsTheBalancersOwn()
    {
        var bed = new SessionBed();
        var sim = bed.Through(open => Gate(bed, open, required: true));
        sim.Client.Says(ProxyHeaderWriter.ForOwn(ProxyVersion.V2, Local, Local)).Awaits("220").Says("QUIT\r\n").Awaits("221").Fin();
        sim.Relay.Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        sim.RunToEnd();
        Assert.Equal("192.0.2.7:40112", bed.Record.GetProperty("client").GetString());
    }

    [Theory]
    [InlineData("EHLO early\r\n")]
    [InlineData("PROXY TCP4 nonsense\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 ")]
    [InlineData("")]
    public void Connection_WithoutARightHeaderWhereOneIsRequired_IsClosedInTime_AndNothingIsDialled(string said)
    {
        var bed = new SessionBed();
        var sim = bed.Through(open => Gate(bed, open, required: true));
        sim.Client.Says(said);
        sim.RunToEnd();
        Assert.Equal((EndKind.Reset, ""), (sim.Client.End, sim.Client.Heard));
        Assert.Empty(sim.Dials.Targets);
        Assert.Equal(0, bed.Host.Count);
        Assert.InRange(sim.Elapsed, TimeSpan.Zero, Timeout * 1.1);
    }

    [Fact]
    public void Connection_FromElsewhereWhereAHeaderIsRequired_IsClosedAtOnce()
    {
        Assert.Null(Begin(new SessionBed(), static _ => throw new InvalidOperationException("it has no session"), required: true,
            from: "198.51.100.0/24"));
    }

    [Theory]
    [InlineData(ProxyVersion.V1)]
    [InlineData(ProxyVersion.V2)]
    public void Header_FromElsewhereWhereItIsOptional_EndsTheConnection_AndNoRelayHearsIt_HoweverItIsCut(ProxyVersion version)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = new SessionBed();
            var sim = bed.Through(open => Gate(bed, open, required: false, from: "198.51.100.0/24"), seed);
            var header = ProxyHeaderWriter.For(version, Client, Local);
            sim.Client.Says([.. header, .. "QUIT\r\n"u8]);
            sim.Relay.Says(Dialogues.Greeting);
            sim.RunToEnd();
            Assert.Equal(EndKind.Reset, sim.Client.End);
            Assert.InRange(sim.Relay.Heard.Length, 0, (version == ProxyVersion.V1 ? "PROXY " : "\r\n\r\n\0\r\nQUIT\n").Length - 1);
            Assert.Equal("192.0.2.7:40112", bed.Record.GetProperty("client").GetString());
        }
    }

    [Theory]
    [InlineData("PROX\r\n")]
    [InlineData("PROXY\r\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("proxy me\r\n")]
    public void Session_FromElsewhereWhereAHeaderIsOptional_IsServedAtOnce(string word)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = new SessionBed();
            var sim = bed.Through(open => Gate(bed, open, required: false, from: "198.51.100.0/24"), seed);
            // Behind the first octets the same words are the client's.
            sim.Client.Says(word).Says("PROXY TCP4 1\r\nQUIT\r\n").Awaits("221").Fin();
            sim.Relay.Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            sim.RunToEnd();
            Assert.Equal(word + "PROXY TCP4 1\r\nQUIT\r\n", sim.Relay.Heard);
            Assert.InRange(sim.Elapsed, TimeSpan.Zero, Timeout);
        }
    }

    [Fact]
    public void Session_OfWhoStaysSilentWhereAHeaderIsOptional_BeginsAfterTheTimeout()
    {
        var bed = new SessionBed();
        var sim = bed.Through(open => Gate(bed, open, required: false));
        sim.Client.Awaits("220").Says("QUIT\r\n").Awaits("221").Fin();
        sim.Relay.Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        sim.RunToEnd();
        Assert.Equal("192.0.2.7:40112", bed.Record.GetProperty("client").GetString());
        Assert.InRange(sim.Elapsed, Timeout, Timeout * 1.1);
    }

    [Fact]
    public void Session_OfWhoSpeaksAtOnceWithoutAHeader_WhereItIsOptional_LosesNoOctet()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bed = new SessionBed();
            var sim = bed.Through(open => Gate(bed, open, required: false), seed);
            // Begins like the header of version 1, and is none.
            sim.Client.Says("PROX\r\nQUIT\r\n").Awaits("221").Fin();
            sim.Relay.Says(Dialogues.Greeting).Awaits("PROX\r\n").Says("500 what\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            sim.RunToEnd();
            Assert.Equal("PROX\r\nQUIT\r\n", sim.Relay.Heard);
        }
    }

    [Fact]
    public void Admission_AndTheRelaysHeader_SeeTheTrueClient()
    {
        var bed = new SessionBed();
        Assert.Null(Networks.TryParse("2001:db8::/32", out var true_));
        bed.Host.Admit("inbound", ListenerPolicy.Open with { Deny = true_ });
        var denied = bed.Through(open => Gate(bed, open, required: true));
        denied.Client.Says(ProxyHeaderWriter.For(ProxyVersion.V1, Client, Local)).Awaits("554").Fin();
        denied.RunToEnd();
        Assert.StartsWith("554 5.7.1", denied.Client.Heard, StringComparison.Ordinal);

        bed.Host.Admit("inbound", ListenerPolicy.Open);
        bed.Relays.Identity = RelayIdentity.None with { Proxy = ProxyVersion.V1 };
        var sim = bed.Through(open => Gate(bed, open, required: true));
        sim.Client.Says(ProxyHeaderWriter.For(ProxyVersion.V2, Client, Local)).Awaits("220").Says("QUIT\r\n").Awaits("221").Fin();
        sim.Relay.Awaits("\r\n").Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        sim.RunToEnd();
        Assert.Equal("PROXY TCP6 2001:db8::7 2001:db8::25 4711 25\r\nQUIT\r\n", sim.Relay.Heard);
    }

    private static IPairHandler Gate(SessionBed bed, Func<Arrival, IPairHandler?> open, bool required, string from = "192.0.2.0/24") =>
        Begin(bed, open, required, from)!;

    private static IPairHandler? Begin(SessionBed bed, Func<Arrival, IPairHandler?> open, bool required, string from)
    {
        Assert.Null(Networks.TryParse(from, out var networks));
        return new ProxyHeaderRules("inbound", required, networks, Timeout, bed.Host.Telemetry, NullLogger.Instance).Begin(Peer, open);
    }
}
