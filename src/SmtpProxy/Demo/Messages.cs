using System.Text;
using MimeKit;

namespace SmtpProxy.Demo;

/// <summary>The mail that is sent.</summary>
internal static class Messages
{
    private static readonly string[] Subjects = ["Invoice", "Minutes of Tuesday", "Your order has shipped", "Re: Re: lunch",
        "Weekly report", "Password changed", "Hello"];

    /// <summary>A message of text of about this many octets.</summary>
    public static MimeMessage OfText(Chance chance, int octets) => With(chance, new TextPart("plain") { Text = chance.Text(octets) });

    /// <summary>A message with a picture or a document of about this many octets.</summary>
    public static MimeMessage WithAttachment(Chance chance, int octets)
    {
        var attached = new MimePart("application", "pdf")
        {
            // Base64 makes four of three.
            Content = new MimeContent(new MemoryStream(Encoding.ASCII.GetBytes(chance.Text(octets * 3 / 4)))),
            ContentTransferEncoding = ContentEncoding.Base64,
            ContentDisposition = new ContentDisposition(ContentDisposition.Attachment) { FileName = "document.pdf" },
        };
        return With(chance, new Multipart("mixed") { new TextPart("html") { Text = "<p>See attachment.</p>" }, attached });
    }

    /// <summary>A message as raw clients send it: lines end in CRLF, and no line is a dot.</summary>
    public static string Raw(Chance chance, int octets) =>
        $"Subject: {chance.Of(Subjects)}\r\nFrom: a@example.org\r\n\r\n{chance.Text(octets)}\r\n";

    private static MimeMessage With(Chance chance, MimeEntity body)
    {
        var message = new MimeMessage { Subject = chance.Of(Subjects), Body = body };
        message.From.Add(MailboxAddress.Parse(chance.Address()));
        message.To.Add(MailboxAddress.Parse(chance.Address()));
        return message;
    }
}
