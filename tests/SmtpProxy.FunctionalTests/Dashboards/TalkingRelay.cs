using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>A relay that says what it is told to, and may be told otherwise while it runs.</summary>
internal sealed class TalkingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;

    /// <summary>Opens it.</summary>
    /// <param name="answer">What it answers; see <see cref="Answer"/>.</param>
    public TalkingRelay(Func<string, string?> answer)
    {
        Answer = answer;
        _listener.Start(1000);
        _accepting = AcceptAsync();
    }

    /// <summary>Its reply to a command line, to the end of data (<c>.</c>) or, for the empty text, its greeting; null: it says nothing.</summary>
    public Func<string, string?> Answer { get; set; }

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>Takes every message.</summary>
    public static string? Yes(string command) => command switch
    {
        "" => "220 relay",
        "DATA" => "354 go",
        "QUIT" => "221 bye",
        _ => "250 ok",
    };

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = TalkAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                var inBody = false;
                for (var line = ""; line is not null; line = await reader.ReadLineAsync())
                {
                    if (inBody && line != ".")
                    {
                        continue;
                    }

                    var reply = Answer(line);
                    inBody = line == "DATA" && reply?.StartsWith("354", StringComparison.Ordinal) == true;
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(reply is null ? "" : reply + "\r\n"));
                }
            }
            catch (IOException)
            {
                // The session is over.
            }
        }
    }
}
