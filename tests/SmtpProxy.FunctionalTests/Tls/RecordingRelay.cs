using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>A relay that offers STARTTLS, answers everything, and remembers every line it was told, in the clear (<c>c:</c>) and
/// inside TLS (<c>t:</c>).</summary>
internal sealed class RecordingRelay : TestRelay
{
    private readonly X509Certificate2 _certificate;
    private readonly string _injected;
    private readonly bool _isLax;
    private readonly List<string> _heard = [];

    /// <param name="certificate">Its certificate.</param>
    /// <param name="injected">What stands in the clear behind its 220 to STARTTLS, in the same segment.</param>
    /// <param name="isLax">A CR and a NUL alone end a line to it as well, and it takes XCLIENT.</param>
    public RecordingRelay(X509Certificate2 certificate, string injected = "", bool isLax = false)
    {
        (_certificate, _injected, _isLax) = (certificate, injected, isLax);
        Start();
    }

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

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificate.Dispose();
    }

    protected override async Task ServeAsync(TcpClient client)
    {
        try
        {
            await TalkAsync(client.GetStream(), "c:", "220 relay.example ESMTP\r\n");
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            // The proxy did not like the certificate.
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
