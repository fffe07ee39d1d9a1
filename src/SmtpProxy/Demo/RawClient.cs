using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.Demo;

/// <summary>A client that says what it is told to, in order or not: for all that a well-behaved library never does.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<string> _offers = new(StringComparer.OrdinalIgnoreCase);
    private Stream _stream;
    private StreamReader _replies;

    private RawClient(Socket socket, CancellationToken cancellation)
    {
        _socket = socket;
        _stream = new NetworkStream(socket);
        _replies = new StreamReader(_stream, Encoding.Latin1);
        _cancellation = cancellation;
    }

    /// <summary>Connects; nothing is read yet.</summary>
    public static async Task<RawClient> ConnectAsync(EndPoint address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation).ConfigureAwait(false);
            return new RawClient(socket, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads the greeting and says hello.</summary>
    /// <returns>The code of the last reply.</returns>
    public async Task<int> HelloAsync(string verb, string name)
    {
        var code = await ReplyAsync().ConfigureAwait(false);
        return code == 220 ? await SayAsync($"{verb} {name}").ConfigureAwait(false) : code;
    }

    /// <summary>One command and its reply's code.</summary>
    public async Task<int> SayAsync(string command)
    {
        await SendAsync(command + "\r\n").ConfigureAwait(false);
        return await ReplyAsync().ConfigureAwait(false);
    }

    /// <summary>EHLO, and what is offered is kept.</summary>
    /// <returns>The reply's code.</returns>
    public async Task<int> EhloAsync(string name)
    {
        _offers.Clear();
        await SendAsync($"EHLO {name}\r\n").ConfigureAwait(false);
        return await ReplyAsync(_offers).ConfigureAwait(false);
    }

    /// <summary>Whether the reply to EHLO names this (RFC 5321 4.1.1.1).</summary>
    public bool Offers(string keyword) => _offers.Contains(keyword);

    /// <summary>TLS from here on, after the 220 to STARTTLS (RFC 3207).</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">It does not come about.</exception>
    public async Task SecureAsync(RemoteCertificateValidationCallback validate)
    {
        var secure = new SslStream(_stream);
        _stream = secure;
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "", RemoteCertificateValidationCallback = validate }, _cancellation)
            .ConfigureAwait(false);
        _replies = new StreamReader(secure, Encoding.Latin1);
    }

    /// <summary>Octets as they are.</summary>
    public async Task SendAsync(string octets) =>
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(octets), _cancellation).ConfigureAwait(false);

    /// <summary>The codes of so many replies.</summary>
    public async Task<int[]> RepliesAsync(int count)
    {
        var codes = new int[count];
        for (var n = 0; n < count; n++)
        {
            codes[n] = await ReplyAsync().ConfigureAwait(false);
        }

        return codes;
    }

    /// <summary>The code of the next reply (RFC 5321 4.2.1).</summary>
    /// <exception cref="EndOfStreamException">There is none: the other side is gone.</exception>
    /// <exception cref="IOException">It is none.</exception>
    public Task<int> ReplyAsync() => ReplyAsync(null);

    /// <summary>RST: the client is gone, as when its process or its line dies.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>FIN, without QUIT where none was said.</summary>
    public void Dispose()
    {
        _replies.Dispose();
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task<int> ReplyAsync(HashSet<string>? keywords)
    {
        while (true)
        {
            var line = await _replies.ReadLineAsync(_cancellation).ConfigureAwait(false) ?? throw new EndOfStreamException();
            keywords?.Add(line.Length > 4 ? line[4..].Split(' ')[0] : "");
            if (line.Length < 4 || line[3] != '-')
            {
                return int.TryParse(line.AsSpan(0, Math.Min(3, line.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                    ? code : throw new IOException("no reply");
            }
        }
    }
}
