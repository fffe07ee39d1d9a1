using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Differential;

/// <summary>How a dialogue gets into the proxy and out of it.</summary>
internal enum Way
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>TLS from the client's first octet on, which ends at the proxy.</summary>
    Tls,

    /// <summary>With PROXY headers, in version 1, from the client and to the relay.</summary>
    Proxy,

    /// <summary>The relay is told the client by XCLIENT.</summary>
    XClient,
}

/// <summary>One side's connection.</summary>
internal sealed class End(Socket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private Stream _stream = Open(socket);

    /// <summary>Port of this end.</summary>
    public int Port { get; } = ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;

    public void Secure()
    {
#pragma warning disable CA5359 // The certificate is a throw-away one of this test.
        var tls = new SslStream(_stream, false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        tls.AuthenticateAsClient("localhost");
        _stream = tls;
    }

    public void Say(string octets) => _stream.Write(Encoding.Latin1.GetBytes(octets));

    /// <summary>So many octets, or fewer where the other side ends before.</summary>
    public string Hear(int count)
    {
        var heard = new byte[count];
        var length = 0;
        try
        {
            while (length < count && _stream.Read(heard, length, count - length) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (IOException)
        {
            // Reset: what came before it counts.
        }

        return Encoding.Latin1.GetString(heard, 0, length);
    }

    public string Line()
    {
        var line = new StringBuilder();
        while (Hear(1) is { Length: 1 } octet)
        {
            line.Append(octet);
            if (octet == "\n")
            {
                break;
            }
        }

        return line.ToString();
    }

    public void Fin()
    {
        try
        {
            if (_stream is SslStream tls)
            {
                tls.ShutdownAsync().GetAwaiter().GetResult();
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended already.
        }
    }

    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose()
    {
        _stream.Dispose();
        socket.Dispose();
    }

    private static NetworkStream Open(Socket socket)
    {
        socket.NoDelay = true;
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        return new NetworkStream(socket);
    }

    /// <summary>A PROXY header of version 1 for a client that exists nowhere else.</summary>
    public static string Announced(string client, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"PROXY TCP4 {client} 127.0.0.1 {port} 25\r\n");
}
