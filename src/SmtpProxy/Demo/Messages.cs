using System.Globalization;
using System.Text;

namespace SmtpProxy.Demo;

/// <summary>The mail that is sent: lines end in CRLF, none is a dot, and the last one is whole.</summary>
internal static class Messages
{
    private const string Boundary = "=_demo";

    private static readonly string[] Subjects = ["Invoice", "Minutes of Tuesday", "Your order has shipped", "Re: Re: lunch",
        "Weekly report", "Password changed", "Hello"];

    /// <summary>A message of text of about this many octets.</summary>
    public static string OfText(Chance chance, int octets) => With(chance, "text/plain; charset=us-ascii", chance.Text(octets));

    /// <summary>A message with a document of about this many octets.</summary>
    public static string WithAttachment(Chance chance, int octets)
    {
        // Base64 makes four of three, and breaks lines at 76 (RFC 2045 6.8).
        var document = Convert.ToBase64String(Encoding.ASCII.GetBytes(chance.Text(octets * 3 / 4)),
            Base64FormattingOptions.InsertLineBreaks);
        return With(chance, $"multipart/mixed; boundary=\"{Boundary}\"", $"""
            --{Boundary}
            Content-Type: text/html

            <p>See attachment.</p>
            --{Boundary}
            Content-Type: application/pdf
            Content-Disposition: attachment; filename="document.pdf"
            Content-Transfer-Encoding: base64

            {document}
            --{Boundary}--
            """.ReplaceLineEndings("\r\n"));
    }

    /// <summary>A message as scripts send it, with hardly a header.</summary>
    public static string Raw(Chance chance, int octets) =>
        $"Subject: {chance.Of(Subjects)}\r\nFrom: a@example.org\r\n\r\n{chance.Text(octets)}\r\n";

    private static string With(Chance chance, string type, string body)
    {
        var date = DateTimeOffset.UtcNow.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);
        return string.Join("\r\n", $"From: {chance.Address()}", $"To: {chance.Address()}", $"Date: {date}",
            $"Message-ID: <{Guid.NewGuid():N}@demo.example>", $"Subject: {chance.Of(Subjects)}", "MIME-Version: 1.0",
            $"Content-Type: {type}",
            "", body, "");
    }
}
