using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Security;

/// <summary>Handshakes of one session: when there is one, what it counts for, and what is recorded of it.</summary>
public sealed class SessionTlsTests
{
    private static readonly SessionLimits Limits = new() { MaxHandshakesPerClient = 1, TlsHandshake = TimeSpan.FromSeconds(7) };
    private readonly SessionBed _bed = new();
    private readonly Admission _admission = new();

    [Theory]
    [InlineData(ListenerTlsMode.Passthrough, RelayTlsMode.AsClient, false, false)]
    [InlineData(ListenerTlsMode.Passthrough, RelayTlsMode.Implicit, false, true)]
    [InlineData(ListenerTlsMode.StartTls, RelayTlsMode.AsClient, false, false)]
    [InlineData(ListenerTlsMode.Implicit, RelayTlsMode.AsClient, true, true)]
    [InlineData(ListenerTlsMode.Implicit, RelayTlsMode.None, true, false)]
    [InlineData(ListenerTlsMode.Implicit, RelayTlsMode.Required, true, false)]
    [InlineData(ListenerTlsMode.None, RelayTlsMode.Required, false, false)]
    [InlineData(ListenerTlsMode.None, RelayTlsMode.AsClient, false, false)]
    public void Handshake_FromTheFirstOctetOn_IsThereWhereTheModesSaySo(
        ListenerTlsMode listener, RelayTlsMode relay, bool withClient, bool withRelay)
    {
        var tls = Tls(listener);
        Assert.Equal(withRelay, tls.RelayAtOnce(RelayTls.Default("mx") with { Mode = relay }) is not null);
        Assert.Equal(0, _admission.Handshakes.Count);
        Assert.Equal(withClient, tls.ClientAtOnce() is not null);
        Assert.Equal(withClient ? 1 : 0, _admission.Handshakes.Count);
        Assert.Equal((listener, Limits.TlsHandshake), (tls.Rules.Mode, tls.Patience));
    }

    [Fact]
    public void Session_WhoseClientsTlsIsNotTheProxys_PassesIt()
    {
        var tls = new SessionTls(null, Place(), _bed.Host.Telemetry);
        Assert.Equal(ListenerTlsMode.Passthrough, tls.Rules.Mode);
        Assert.Null(tls.ClientAtOnce());
    }

    /// <summary>A client that may not shake hands once more is counted each time it is told so; who has room once has it for one.</summary>
    [Fact]
    public void Room_ForAHandshake_IsForOneAtATime_AndEachRefusalIsCounted()
    {
        var (first, second) = (Tls(ListenerTlsMode.StartTls), Tls(ListenerTlsMode.StartTls));
        Assert.False(first.IsCrowded());
        Assert.True(first.TryMakeRoom());
        Assert.Equal((1, 0), (_admission.Handshakes.Count, _bed.Limits("handshakes_per_client")));
        Assert.True(second.IsCrowded());
        Assert.False(second.TryMakeRoom());
        Assert.Equal((1, 2), (_admission.Handshakes.Count, _bed.Limits("handshakes_per_client")));
        first.GiveUpRoom();
        Assert.False(second.IsCrowded());
        Assert.Equal((0, 2), (_admission.Handshakes.Count, _bed.Limits("handshakes_per_client")));
    }

    [Fact]
    public void Over_OfEachLeg_IsRecorded_AndGivesTheClientsRoomBack()
    {
        var tls = Tls(ListenerTlsMode.StartTls);
        _ = tls.Client();
        _ = tls.Relay(RelayTls.Default("mx"));
        var relay = tls.Over(new TlsHandshake(Leg.Relay, 5, 9, SslProtocols.Tls12, "cipher", "mx", null));
        Assert.Equal((Leg.Relay, SslProtocols.Tls12, "cipher", "mx", null),
            (relay.Leg, relay.Version, relay.Cipher, relay.ServerName, relay.Failure));
        Assert.Equal((5, 9, 1), (relay.From, relay.To, _admission.Handshakes.Count));

        // The name that the transport tells is the relay's; the client's is the one that it asked for.
        var failure = new AuthenticationException("it is not to be");
        var client = tls.Over(new TlsHandshake(Leg.Client, 5, 9, SslProtocols.None, null, "nobody", failure));
        Assert.Equal((Leg.Client, null, TlsFailure.Of(failure, null)), (client.Leg, client.ServerName, client.Failure));
        Assert.Equal(0, _admission.Handshakes.Count);
    }

    /// <summary>What is wrong with it is all that is: it is for the host that the listener's own certificate is for.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Certificate_ThatIsForged_IsForTheListenersHost(bool isNamed)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest(isNamed ? "CN=mx.example" : "", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var server = new ServerTls("in", new ListenerTls { Mode = ListenerTlsMode.StartTls })
            { Certificates = [new LoadedCertificate(own, [])] };
        var tls = new SessionTls(server, Place(), _bed.Host.Telemetry) { Forged = CertificateFlaw.Expired };
        var shake = tls.Client();

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var connection = new TcpClient();
        await connection.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptTcpClientAsync();
        await using var shown = new SslStream(accepted.GetStream());
        string? subject = null;
        await using var client = new SslStream(connection.GetStream(), false, (_, certificate, _, _) =>
        {
            subject = certificate?.Subject;
            return subject is not null;
        });
        await Task.WhenAll(shake(shown), client.AuthenticateAsClientAsync("mx.example"));
        Assert.Equal(isNamed ? "CN=mx.example" : "CN=localhost", subject);
    }

    private SessionTls Tls(ListenerTlsMode mode) => new(new ServerTls("in", new ListenerTls { Mode = mode }), Place(), _bed.Host.Telemetry);

    private Place Place()
    {
        var client = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1);
        Assert.Null(_admission.Enter("in", new Arrival(client, client, 1), Limits, ListenerPolicy.Open, false, out var place));
        return place!;
    }
}
