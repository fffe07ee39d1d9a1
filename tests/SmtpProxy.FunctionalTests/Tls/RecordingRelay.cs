using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>A relay that offers STARTTLS, answers everything, and remembers every line it was told, in the clear (<c>c:</c>) and inside TLS (<c>t:</c>).</summary>
internal sealed class RecordingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly string _injected;
    private readonly bool _isLax;
    private readonly List<string> _heard = [];
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;

    /// <param name="certificate">Its certificate.</param>
    /// <param name="injected">What stands in the clear behind its 220 to STARTTLS, in the same segment.</param>
    /// <param name="isLax">A CR and a NUL alone end a line to it as well, and it takes XCLIENT.</param>
    public RecordingRelay(X509Certificate2 certificate, string injected = "", bool isLax = false)
    {
        (_certificate, _injected, _isLax) = (certificate, injected, isLax);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>What it was told so far.</summary>
    public string[] Heard
    {
        get
        {
            lock (_heard)
            {
                return [.. _heard];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _sessions.Add(TalkAsync(await _listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task TalkAsync(TcpClient tcp)
    {
        using var connection = tcp;
        try
        {
            await TalkAsync(tcp.GetStream(), "c:", "220 relay.example ESMTP\r\n");
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The proxy left: what a test expects of it is in what was heard.
        }
    }

    private async Task TalkAsync(Stream stream, string how, string greeting)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(greeting));
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            if (one[0] != (byte)'\n' && !(_isLax && one[0] is (byte)'\r' or 0))
            {
                line.Append((char)one[0]);
                continue;
            }

            var said = line.ToString().TrimEnd('\r');
            line.Clear();
            if (_isLax && said.Length == 0)
            {
                continue;
            }

            lock (_heard)
            {
                _heard.Add(how + said);
            }

            if (said == "STARTTLS")
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes("220 2.0.0 go ahead\r\n" + _injected));
                if (one[0] == (byte)'\r')
                {
                    // TLS begins after the LF of the line that ended before it.
                    await stream.ReadExactlyAsync(one);
                }

                using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
                await tls.AuthenticateAsServerAsync(_certificate);
                await TalkAsync(tls, "t:", "");
                return;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(said.Split(' ')[0] switch
            {
                "XCLIENT" when _isLax => "220 relay.example ESMTP\r\n",
                "EHLO" when _isLax => "250-relay.example\r\n250-XCLIENT ADDR PORT NAME LOGIN\r\n250 STARTTLS\r\n",
                "EHLO" when how == "c:" => "250-relay.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 SIZE 1000\r\n",
                "EHLO" => "250-relay.example\r\n250-PIPELINING\r\n250 SIZE 1000\r\n",
                "QUIT" => "221 2.0.0 bye\r\n",
                _ => "250 2.0.0 ok\r\n",
            }));
        }
    }
}
