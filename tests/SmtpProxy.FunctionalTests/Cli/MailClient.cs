using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>A client that speaks line by line, to stop a dialogue wherever a test wants to.</summary>
internal sealed class MailClient : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly StreamReader _reader;

    private MailClient(TcpClient tcp)
    {
        _tcp = tcp;
        _reader = new StreamReader(tcp.GetStream(), Encoding.Latin1);
    }

    /// <summary>Connects and reads the greeting.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="first">What goes before anything else.</param>
    public static async Task<(MailClient Client, string Greeting)> ConnectAsync(IPEndPoint address, byte[]? first = null)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(address);
        await tcp.GetStream().WriteAsync(first ?? []);
        var client = new MailClient(tcp);
        return (client, await client.ReplyAsync() ?? "");
    }

    /// <summary>Sends a line and reads the reply's last line; null when the other side closes instead.</summary>
    public async Task<string?> SayAsync(string line)
    {
        await SendAsync(line);
        return await ReplyAsync();
    }

    /// <summary>Sends a line.</summary>
    public async Task SendAsync(string line) => await _tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));

    /// <summary>Reads a reply; its last line, or null at the end of the stream.</summary>
    public async Task<string?> ReplyAsync()
    {
        while (await _reader.ReadLineAsync().WaitAsync(Support.ProxyProcess.Patience) is { } line)
        {
            if (line.Length < 4 || line[3] != '-')
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>Sends a whole mail; returns the reply to its end.</summary>
    public async Task<string?> MailAsync()
    {
        await SayAsync("MAIL FROM:<me@example.org>");
        await SayAsync("RCPT TO:<you@example.org>");
        await SayAsync("DATA");
        return await SayAsync("Subject: hello\r\n\r\nhi\r\n.");
    }

    public void Dispose() => _tcp.Dispose();
}
