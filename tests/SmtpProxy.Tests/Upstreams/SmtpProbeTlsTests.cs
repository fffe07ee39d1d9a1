using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Upstreams;

/// <summary>Probes judge the certificates of relays as sessions do.</summary>
public sealed class SmtpProbeTlsTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_OfARelayThatIsTrusted_IsWell(bool isImplicit)
    {
        var (outcome, said) = await ProbeAsync(_made.Until(TimeSpan.FromDays(9), "mx.example"), isImplicit,
            RelayTrust.Authorities(_made.Ca));
        Assert.Null(outcome.Failure);
        Assert.Equal("Tls13", outcome.Tls);
        Assert.InRange(outcome.CertificateExpires!.Value, DateTimeOffset.UtcNow.AddDays(8), DateTimeOffset.UtcNow.AddDays(10));
        Assert.Equal(isImplicit ? ["EHLO proxy", "QUIT"] : ["EHLO proxy", "STARTTLS", "EHLO proxy", "QUIT"], said);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_OfARelayThatIsSomebodyElse_SaysWho_AndSaysNoMore(bool isImplicit)
    {
        var (outcome, said) = await ProbeAsync(_made.WrongHost(), isImplicit, RelayTrust.Authorities(_made.Ca));
        Assert.Equal("the TLS handshake failed: name mismatch: the certificate is for wrong.example, the relay is mx.example",
            outcome.Failure);
        Assert.NotNull(outcome.CertificateExpires);
        Assert.Equal(isImplicit ? [] : ["EHLO proxy", "STARTTLS"], said);
    }

    [Fact]
    public async Task Probe_OfARelayWhoseCertificateExpired_SaysWhen()
    {
        var (outcome, _) = await ProbeAsync(_made.Expired(), isImplicit: false, RelayTrust.Authorities(_made.Ca));
        Assert.StartsWith("the TLS handshake failed: the certificate expired on 2", outcome.Failure, StringComparison.Ordinal);
        Assert.True(outcome.CertificateExpires < DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task Probe_OfARelayThatTheSystemDoesNotKnow_IsNotWell() =>
        Assert.StartsWith("the TLS handshake failed: untrusted root",
            (await ProbeAsync(_made.For("mx.example"), isImplicit: false, RelayTrust.System)).Outcome.Failure, StringComparison.Ordinal);

    [Fact]
    public async Task Probe_WhereNothingIsLookedAt_IsWell() =>
        Assert.Null((await ProbeAsync(_made.Expired(), isImplicit: false, RelayTrust.Anything)).Outcome.Failure);

    private static async Task<(ProbeOutcome Outcome, List<string> Said)> ProbeAsync(PemFiles shown, bool isImplicit, RelayTrust trust)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        var at = (IPEndPoint)relay.LocalEndpoint;
        var said = new List<string>();
        var serving = ServeAsync(relay, shown, isImplicit, said);
        var tls = new RelayTls(isImplicit ? RelayTlsMode.Implicit : RelayTlsMode.AsClient, "mx.example", trust, TlsVersion.Tls12);
        var plan = new ProbePlan(new RelayAddress(at.Address.ToString(), at.Port, IsImplicitTls: false), ProbeDepth.StartTls, "proxy",
            ProxyVersion.None, tls);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var outcome = await new SmtpProbe(OutgoingStream.ConnectAsync, TimeProvider.System).RunAsync(plan, patience.Token);
        await serving;
        return (outcome, said);
    }

    private static async Task ServeAsync(TcpListener relay, PemFiles shown, bool isImplicit, List<string> said)
    {
        using var tcp = await relay.AcceptTcpClientAsync();
        using var certificate = shown.Load();
        Stream stream = tcp.GetStream();
        try
        {
            if (isImplicit)
            {
                stream = await SecureAsync(stream);
            }

            await stream.WriteAsync("220 mx\r\n"u8.ToArray());
            var lines = new StreamReader(stream, Encoding.ASCII);
            while (await lines.ReadLineAsync() is { } line)
            {
                said.Add(line);
                var answer = line switch { "QUIT" => "221 bye\r\n", "STARTTLS" => "220 go\r\n", _ => "250-mx\r\n250 STARTTLS\r\n" };
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
                if (line == "STARTTLS")
                {
                    stream = await SecureAsync(stream);
                    lines = new StreamReader(stream, Encoding.ASCII);
                }
            }
        }
        catch (IOException)
        {
            // The probe has left the handshake.
        }

        async Task<Stream> SecureAsync(Stream inner)
        {
            var tls = new SslStream(inner);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate });
            return tls;
        }
    }
}
