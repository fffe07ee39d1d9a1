using System.Text;
using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>A dialogue in few words, as events for <c>ReplayedProxy</c>: <c>S: 220 ready</c> and <c>C: QUIT</c> are lines, <c>S! 16 03</c>
/// are octets in hexadecimal, <c>C- half</c> is text without a line end, and <c>C close</c> an end.</summary>
internal static class Script
{
    /// <summary>A greeting and EHLO.</summary>
    public static readonly string[] Greeted = ["S: 220 mx.example.net ESMTP", "C: EHLO client.example.org", "S: 250-mx.example.net",
        "S: 250 STARTTLS"];

    /// <summary>And a sender.</summary>
    public static readonly string[] Sender = [.. Greeted, "C: MAIL FROM:<a@example.org>", "S: 250 2.1.0 Ok"];

    /// <summary>And a recipient.</summary>
    public static readonly string[] Envelope = [.. Sender, "C: RCPT TO:<b@example.net>", "S: 250 2.1.5 Ok"];

    /// <summary>And the go-ahead.</summary>
    public static readonly string[] Body = [.. Envelope, "C: DATA", "S: 354 go ahead"];

    /// <summary>A client that leaves in good order.</summary>
    public static readonly string[] Quit = ["C: QUIT", "S: 221 2.0.0 Bye", "S close"];

    public static JsonElement Events(params IEnumerable<string> lines) => JsonSerializer.SerializeToElement(lines.Select(Event));

    private static object Event(string line)
    {
        var from = line[0] == 'C' ? "client" : "server";
        return line[1] switch
        {
            ' ' => new { from, op = line[2..] },
            '!' => new
                { from, data_b64 = Convert.ToBase64String(Convert.FromHexString(line[2..].Replace(" ", "", StringComparison.Ordinal))) },
            '-' => new { from, data_b64 = Convert.ToBase64String(Encoding.Latin1.GetBytes(line[3..])) },
            _ => new { from, data_b64 = Convert.ToBase64String(Encoding.Latin1.GetBytes(line[3..] + "\r\n")) },
        };
    }
}
