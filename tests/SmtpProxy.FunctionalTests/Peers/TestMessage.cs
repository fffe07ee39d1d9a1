using System.Text;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>Messages that have gone wrong in proxies before.</summary>
public static class TestMessage
{
    /// <summary>Every client with every message.</summary>
    public static TheoryData<string, string> Sendings
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var client in Clients.MailClient.Raw)
            {
                foreach (var kind in (string[])["plain", "dots", "8bit", "big"])
                {
                    if (kind != "big" || client is "smtplib" or "mailkit")
                    {
                        data.Add(client, kind);
                    }
                }
            }

            return data;
        }
    }

    /// <summary>A message with CRLF lines.</summary>
    public static byte[] Of(string kind)
    {
        var body = kind switch
        {
            "dots" => ".\r\n..\r\n...\r\n.a\r\n. \r\n\r\n.\r\n354 go ahead\r\nQUIT\r\n",
            "8bit" => "Grüße, 日本語, ☃\r\n",
            "big" => Big(5_000_000),
            _ => "Hello.\r\n\r\nTwo paragraphs.\r\n",
        };
        return Encoding.UTF8.GetBytes(
            $"From: me@test.example\r\nTo: a@test.example\r\nSubject: {kind}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
            + $"Message-ID: <{Guid.NewGuid():N}@test.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
                $"Content-Transfer-Encoding: 8bit\r\n\r\n{body}");
    }

    /// <summary>The body as a maildir keeps it: LF lines.</summary>
    public static string BodyOf(ReadOnlySpan<byte> message)
    {
        var text = Encoding.UTF8.GetString(message).Replace("\r\n", "\n", StringComparison.Ordinal);
        return text[(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
    }

    private static string Big(int octets)
    {
        var text = new StringBuilder(octets + 100);
        for (var line = 0; text.Length < octets; line++)
        {
            text.Append(line % 11 == 0 ? "." : "").Append("line ").Append(line).Append(" of a message that is rather long\r\n");
        }

        return text.ToString();
    }
}
