using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>A relay that goes through the same steps with each who connects, and remembers every line that it was told.</summary>
internal sealed class SteppedRelay : IAsyncDisposable
{
    /// <summary>Reads a line.</summary>
    public const string Line = "<line>";

    /// <summary>Shakes hands for TLS.</summary>
    public const string Shake = "<tls>";

    /// <summary>Closes.</summary>
    public const string Fin = "<fin>";

    /// <summary>Resets the connection.</summary>
    public const string Reset = "<rst>";

    /// <summary>Says what is next one octet at a time, each in a packet of its own.</summary>
    public const string Drip = "<drip>";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;
    private readonly string[] _steps;
    private readonly List<string> _heard = [];
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;

    /// <param name="certificate">Its certificate; null where it has no TLS.</param>
    /// <param name="steps">What it does: the names above, and anything else is said. At the end it listens until the other side is gone.</param>
    public SteppedRelay(X509Certificate2? certificate, params string[] steps)
    {
        (_certificate, _steps) = (certificate, steps);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>What it was told so far, inside TLS or not.</summary>
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
        _certificate?.Dispose();
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
        tcp.NoDelay = true;
        Stream stream = tcp.GetStream();
        try
        {
            for (var n = 0; n < _steps.Length; n++)
            {
                switch (_steps[n])
                {
                    case Line:
                        await HearAsync(stream);
                        break;
                    case Shake:
                        var tls = new SslStream(stream);
                        await tls.AuthenticateAsServerAsync(_certificate!);
                        stream = tls;
                        break;
                    case Fin:
                        return;
                    case Reset:
                        tcp.LingerState = new LingerOption(true, 0);
                        tcp.Close();
                        return;
                    case Drip:
                        foreach (var octet in Encoding.Latin1.GetBytes(_steps[++n]))
                        {
                            await stream.WriteAsync(new[] { octet });
                            await Task.Yield();
                        }

                        break;
                    default:
                        await stream.WriteAsync(Encoding.Latin1.GetBytes(_steps[n]));
                        break;
                }
            }

            while (await HearAsync(stream))
            {
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException)
        {
            // The proxy left: what a test expects of it is in what was heard.
        }
    }

    private async Task<bool> HearAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            if (one[0] != (byte)'\n')
            {
                line.Append((char)one[0]);
                continue;
            }

            lock (_heard)
            {
                _heard.Add(line.ToString().TrimEnd('\r'));
            }

            return true;
        }

        return false;
    }
}
