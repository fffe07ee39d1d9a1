using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>A relay that goes through the same steps with each who connects, and remembers every line that it was told.</summary>
internal sealed class SteppedRelay : TestRelay
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

    private readonly X509Certificate2? _certificate;
    private readonly string[] _steps;
    private readonly List<string> _heard = [];

    /// <param name="certificate">Its certificate; null where it has no TLS.</param>
    /// <param name="steps">What it does: the names above, and anything else is said. At the end it listens
    /// until the other side is gone.</param>
    public SteppedRelay(X509Certificate2? certificate, params string[] steps)
    {
        (_certificate, _steps) = (certificate, steps);
        Start();
    }

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

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificate?.Dispose();
    }

    protected override async Task ServeAsync(TcpClient tcp)
    {
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
        catch (AuthenticationException)
        {
            // The proxy did not like the certificate, or left meanwhile.
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
