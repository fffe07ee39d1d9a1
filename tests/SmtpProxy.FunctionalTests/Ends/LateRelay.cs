using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Ends;

/// <summary>A relay that gives its verdict on a message only when its client says no more, and then closes: as one
/// does that was too slow.</summary>
internal sealed class LateRelay : TestRelay
{
    public LateRelay() => Start();

    /// <summary>What it makes of a message.</summary>
    public string Verdict { get; set; } = "250 2.0.0 queued";

    protected override async Task ServeAsync(TcpClient client)
    {
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var (inBody, hasMessage) = (false, false);
        for (var line = ""; line is not null; line = await reader.ReadLineAsync())
        {
            if (inBody)
            {
                (inBody, hasMessage) = (line != ".", hasMessage || line == ".");
                continue;
            }

            inBody = line.Equals("DATA", StringComparison.OrdinalIgnoreCase);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(line.Length == 0 ? "220 relay\r\n"
                : inBody ? "354 go\r\n"
                : line.StartsWith("EHLO", StringComparison.OrdinalIgnoreCase) ? "250-relay\r\n250 8BITMIME\r\n"
                : "250 ok\r\n"));
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes(hasMessage ? Verdict + "\r\n" : ""));
    }
}
