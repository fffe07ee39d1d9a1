using System.Net.Security;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>A client that sends octets as a test wants them cut and reads replies, over whatever stream it is given, in the
/// clear and then inside TLS.</summary>
internal sealed class Caller(Stream stream) : IDisposable
{
    private Stream _stream = stream;

    /// <summary>Shakes hands, believing whatever it is shown.</summary>
    public async Task SecureAsync()
    {
#pragma warning disable CA5359 // The certificate is a throw-away one of a test.
        var tls = new SslStream(_stream, false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync("localhost").WaitAsync(ProxyProcess.Patience);
        _stream = tls;
    }

    /// <summary>Sends octets in one piece.</summary>
    public Task SendAsync(byte[] octets) => _stream.WriteAsync(octets).AsTask();

    /// <summary>Sends text in one piece, one octet a character.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends text and reads a reply.</summary>
    public async Task<string> SayAsync(string text)
    {
        await SendAsync(text);
        return await ReplyAsync();
    }

    /// <summary>Reads a whole reply, lines separated by LF, and no octet after it; what there is where the other side ends.</summary>
    public async Task<string> ReplyAsync()
    {
        var reply = new StringBuilder();
        var one = new byte[1];
        var start = 0;
        while (await ReadAsync(one) == 1)
        {
            if (one[0] == (byte)'\r')
            {
                continue;
            }

            reply.Append((char)one[0]);
            if (one[0] == (byte)'\n')
            {
                if (reply.Length - start < 5 || reply[start + 3] != '-')
                {
                    return reply.ToString();
                }

                start = reply.Length;
            }
        }

        return reply.ToString();
    }

    /// <summary>Reads so many octets, or what there is of them.</summary>
    public async Task<string> ReadAsync(int count)
    {
        var some = new byte[count];
        var at = 0;
        while (at < count && await _stream.ReadAsync(some.AsMemory(at)).AsTask().WaitAsync(ProxyProcess.Patience) is var read and > 0)
        {
            at += read;
        }

        return Encoding.Latin1.GetString(some, 0, at);
    }

    /// <summary>Says that nothing more comes, and goes on reading.</summary>
    public async Task EndAsync(System.Net.Sockets.Socket tcp)
    {
        try
        {
            await (_stream is SslStream tls ? tls.ShutdownAsync() : Task.CompletedTask);
        }
        catch (Exception e) when ($"{e}".Contains("shutdown while in init", StringComparison.Ordinal))
        {
            // Whoever reads meanwhile is amid a session ticket, which is one thing too many for OpenSSL: FIN says the same.
        }
        catch (Exception e) when ($"{e}".Contains("SslException: Operation failed with error - 5", StringComparison.Ordinal))
        {
            // The other side has ended it by reset already, which is for whoever reads to say.
            return;
        }

        tcp.Shutdown(System.Net.Sockets.SocketShutdown.Send);
    }

    /// <summary>Everything until the other side ends, by FIN or by reset.</summary>
    public async Task<string> RestAsync()
    {
        var rest = new StringBuilder();
        var some = new byte[4096];
        while (await ReadAsync(some) is var read and > 0)
        {
            rest.Append(Encoding.Latin1.GetString(some, 0, read));
        }

        return rest.ToString();
    }

    public void Dispose() => _stream.Dispose();

    private async Task<int> ReadAsync(byte[] octets)
    {
        try
        {
            return await _stream.ReadAsync(octets).AsTask().WaitAsync(ProxyProcess.Patience);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
