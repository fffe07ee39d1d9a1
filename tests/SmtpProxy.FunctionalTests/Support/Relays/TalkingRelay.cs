using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>A relay that says what it is told to, and may be told otherwise while it runs.</summary>
internal sealed class TalkingRelay : TestRelay
{
    /// <summary>Opens it.</summary>
    /// <param name="answer">What it answers; see <see cref="Answer"/>.</param>
    public TalkingRelay(Func<string, string?> answer)
    {
        Answer = answer;
        Start();
    }

    /// <summary>Its reply to a command line, to the end of data (<c>.</c>) or, for the empty text, its
    /// greeting; null: it says nothing.</summary>
    public Func<string, string?> Answer { get; set; }

    /// <summary>How long it takes before it answers.</summary>
    public Func<string, TimeSpan> Takes { get; set; } = static _ => TimeSpan.Zero;

    /// <summary>Takes every message.</summary>
    public static string? Yes(string command) => command switch
    {
        "" => "220 relay",
        "DATA" => "354 go",
        "QUIT" => "221 bye",
        _ => "250 ok",
    };

    protected override async Task ServeAsync(TcpClient client)
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

            if (Takes(line) is var time && time > TimeSpan.Zero)
            {
                await Task.Delay(time);
            }

            var reply = Answer(line);
            inBody = line == "DATA" && reply?.StartsWith("354", StringComparison.Ordinal) == true;
            await stream.WriteAsync(Encoding.Latin1.GetBytes(reply is null ? "" : reply + "\r\n"));
        }
    }
}
