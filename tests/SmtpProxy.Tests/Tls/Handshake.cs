using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Tls;

/// <summary>The two ends of a handshake on a loopback connection.</summary>
internal static class Handshake
{
    /// <summary>TLS of a listener with these certificates.</summary>
    public static ServerTls Server(ListenerTls? rules, params PemFiles[] certificates) =>
        Certificates(rules, certificates).For("in")!;

    public static ServerCertificates Certificates(ListenerTls? rules, params PemFiles[] certificates)
    {
        rules ??= new ListenerTls();
        rules = rules with { Mode = ListenerTlsMode.Implicit };
        for (var n = 0; n < certificates.Length; n++)
        {
            rules.Certificates[$"{n}"] = new CertificateFiles { Certificate = certificates[n].Certificate, Key = certificates[n].Key };
        }

        return new ServerCertificates([KeyValuePair.Create("in", rules)], new FakeTimeProvider(), NullLogger<ServerCertificates>.Instance);
    }

    /// <summary>The certificates of a listener <c>in</c> as it is configured.</summary>
    public static ServerCertificates Load(ListenerTls rules, TimeProvider? time = null, ILogger<ServerCertificates>? log = null) =>
        new([KeyValuePair.Create("in", rules)], time ?? new FakeTimeProvider(), log ?? NullLogger<ServerCertificates>.Instance);

    /// <summary>Shakes hands; null for an end that succeeded, or what it threw.</summary>
    public static async Task<(Exception? Client, Exception? Server, SslStream ClientStream)> RunAsync(
        SslClientAuthenticationOptions client, Func<SslStream, CancellationToken, Task> server)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialling = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await dialling.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var accepted = await accepting;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var (a, b) = (new Opened(dialling.GetStream()), new Opened(accepted.GetStream()));
        var ends = await Task.WhenAll(Try(a, s => s.AuthenticateAsClientAsync(client, patience.Token)),
            Try(b, s => server(s, patience.Token)));
        return (ends[0], ends[1], a);
    }

    /// <summary>The connection below, for an end that speaks TLS by hand.</summary>
    public static Stream Inner(SslStream stream) => ((Opened)stream).Below;

    private static async Task<Exception?> Try(SslStream stream, Func<SslStream, Task> end)
    {
        try
        {
            await end(stream);
            // With TLS 1.3 each end is done before it knows whether the other is content: an octet there and back shows it.
            if (!stream.IsServer)
            {
                await stream.WriteAsync(new byte[] { 1 });
            }

            _ = await stream.ReadAsync(new byte[1]) == 1 ? 0 : throw new EndOfStreamException("unexpected EOF");
            if (stream.IsServer)
            {
                await stream.WriteAsync(new byte[] { 1 });
            }

            return null;
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            return e;
        }
    }

    private sealed class Opened(Stream inner) : SslStream(inner)
    {
        public Stream Below => InnerStream;
    }
}
