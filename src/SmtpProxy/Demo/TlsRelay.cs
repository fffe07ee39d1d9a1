using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SmtpProxy.Demo;

/// <summary>A relay that offers STARTTLS (RFC 3207), which the sink does not: with it a session turns dark for the proxy, unless it is the
/// proxy that speaks TLS.</summary>
internal sealed class TlsRelay : IAsyncDisposable
{
    /// <summary>Whom its certificate names.</summary>
    public const string Subject = "CN=vault.example";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;

    /// <summary>Creates it, listening.</summary>
    public TlsRelay()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public EndPoint Address => _listener.LocalEndpoint;

    /// <summary>The SHA-256 fingerprint of its certificate.</summary>
    public string Fingerprint => _certificate.GetCertHashString(HashAlgorithmName.SHA256);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        _certificate.Dispose();
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_closing.Token).ConfigureAwait(false);
                sessions.RemoveAll(static session => session.IsCompleted);
                sessions.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(sessions).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var plain = new NetworkStream(socket, ownsSocket: true);
            await SayAsync(plain, "220 vault.example ESMTP").ConfigureAwait(false);
            if (await TalkAsync(plain, isSecure: false).ConfigureAwait(false))
            {
                await using var secure = new SslStream(plain);
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate },
                    _closing.Token).ConfigureAwait(false);
                await TalkAsync(secure, isSecure: true).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or AuthenticationException)
        {
            // The client's business.
        }
    }

    /// <summary>Answers until QUIT, or until STARTTLS.</summary>
    /// <returns>Whether TLS is to begin.</returns>
    private async Task<bool> TalkAsync(Stream stream, bool isSecure)
    {
        // No client sends anything behind STARTTLS before its reply, so nothing stays in this reader.
        using var lines = new StreamReader(stream, Encoding.Latin1, false, -1, leaveOpen: true);
        var inData = false;
        while (await lines.ReadLineAsync(_closing.Token).ConfigureAwait(false) is { } line)
        {
            if (inData && line != ".")
            {
                continue;
            }

            var verb = inData ? "." : line.Split(' ', 2)[0].ToUpperInvariant();
            inData = verb == "DATA";
            await SayAsync(stream, verb switch
            {
                "EHLO" when isSecure => "250-vault.example\r\n250-PIPELINING\r\n250 8BITMIME",
                "EHLO" => "250-vault.example\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 8BITMIME",
                "STARTTLS" => "220 2.0.0 Ready to start TLS",
                "DATA" => "354 Go ahead",
                "QUIT" => "221 2.0.0 Bye",
                _ => "250 2.0.0 Ok",
            }).ConfigureAwait(false);
            if (verb is "STARTTLS" or "QUIT")
            {
                return verb == "STARTTLS";
            }
        }

        return false;
    }

    private async Task SayAsync(Stream stream, string reply) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(reply + "\r\n"), _closing.Token).ConfigureAwait(false);

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return DemoCertificate.Sign(Subject, key);
    }
}
