using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>Says lines one after the other, each when the one before was answered.</summary>
internal sealed class MailSender : IDisposable
{
    private readonly TcpClient _client = new();
    private StreamReader _reader = null!;

    /// <summary>The greeting.</summary>
    public string? Greeting { get; private set; }

    /// <summary>Connects, and reads the greeting unless it is not waited for.</summary>
    public static async Task<MailSender> ConnectAsync(IPEndPoint to, bool waits = true)
    {
        var sender = new MailSender();
        await sender._client.ConnectAsync(to);
        sender._reader = new StreamReader(sender._client.GetStream(), Encoding.Latin1);
        sender.Greeting = waits ? await sender._reader.ReadLineAsync() : null;
        return sender;
    }

    /// <summary>One mail from beginning to end; up to DATA, where that is refused.</summary>
    public static async Task SendAsync(IPEndPoint to)
    {
        using var sender = await ConnectAsync(to);
        var goAhead = await sender.SayAsync("EHLO client", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA");
        await sender.SayAsync(goAhead?.StartsWith("354", StringComparison.Ordinal) == true ? ["hi\r\n.", "QUIT"] : ["QUIT"]);
    }

    /// <summary>Says these lines; returns the last reply, null: the connection was closed before it.</summary>
    public async Task<string?> SayAsync(params string[] lines)
    {
        string? reply = null;
        foreach (var line in lines)
        {
            await TellAsync(line);
            do
            {
                reply = await _reader.ReadLineAsync();
            }
            while (reply is { Length: > 3 } && reply[3] == '-');
        }

        return reply;
    }

    /// <summary>Says these lines as long as somebody answers.</summary>
    public async Task TrySayAsync(params string[] lines)
    {
        try
        {
            await SayAsync(lines);
        }
        catch (IOException)
        {
            // The connection was reset.
        }
    }

    /// <summary>Says this at once, and waits for so many replies of one line.</summary>
    public async Task SayTogetherAsync(string text, int replies)
    {
        await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));
        for (var n = 0; n < replies; n++)
        {
            await _reader.ReadLineAsync();
        }
    }

    /// <summary>Says a line and does not wait for the reply.</summary>
    public async Task TellAsync(string line) => await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));

    /// <summary>Reads until the other side closes.</summary>
    public async Task<string> ReadToEndAsync() => await _reader.ReadToEndAsync();

    public void Dispose() => _client.Dispose();
}
