using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>A client that says octets exactly as a test wants them cut, in the clear and then inside TLS.</summary>
internal sealed class SecuredClient : IAsyncDisposable
{
    private readonly TcpClient _tcp = new();
    private Stream _stream = Stream.Null;

    /// <summary>Connects, and reads the greeting unless TLS comes before it.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="isImplicit">TLS comes first.</param>
    /// <param name="header">What goes before anything else.</param>
    public static async Task<SecuredClient> ConnectAsync(IPEndPoint to, bool isImplicit = false, byte[]? header = null)
    {
        var client = new SecuredClient();
        client._tcp.NoDelay = true;
        await client._tcp.ConnectAsync(to);
        client._stream = client._tcp.GetStream();
        await client._stream.WriteAsync(header ?? []);
        if (isImplicit)
        {
            await client.SecureAsync();
        }

        Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>The certificate that it was shown.</summary>
    public X509Certificate2? Shown { get; private set; }

    /// <summary>Shakes hands, believing whatever it is shown.</summary>
    public async Task SecureAsync()
    {
#pragma warning disable CA5359 // The certificate is a throw-away one of this test.
        var tls = new SslStream(_stream, false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync("localhost").WaitAsync(ProxyProcess.Patience);
        Shown = X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
        _stream = tls;
    }

    /// <summary>Ends what it says, and goes on listening.</summary>
    public void End() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Sends octets in one piece.</summary>
    public Task SendAsync(string text) => _stream.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    /// <summary>Sends a line and reads the whole reply, lines separated by LF.</summary>
    public async Task<string> SayAsync(string line)
    {
        await SendAsync(line + "\r\n");
        return await ReplyAsync();
    }

    /// <summary>Reads a whole reply, and no octet behind it; empty where the other side closes instead.</summary>
    public async Task<string> ReplyAsync()
    {
        var reply = new StringBuilder();
        var one = new byte[1];
        var start = 0;
        while (await _stream.ReadAsync(one).AsTask().WaitAsync(ProxyProcess.Patience) == 1)
        {
            if (one[0] == (byte)'\r')
            {
                continue;
            }

            reply.Append((char)one[0]);
            if (one[0] == (byte)'\n')
            {
                if (reply.Length - start < 4 || reply[start + 3] != '-')
                {
                    return reply.ToString();
                }

                start = reply.Length;
            }
        }

        return reply.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }
}
