using System.Text;
using MimeKit;

namespace SmtpProxy.Demo;

/// <summary>The mail that is sent.</summary>
internal static class Messages
{
    private static readonly string[] Subjects = ["Invoice", "Minutes of Tuesday", "Your order has shipped", "Re: Re: lunch", "Weekly report", "Password changed", "Hello"];

    /// <summary>A message of text of about this many octets.</summary>
    public static MimeMessage OfText(Draw draw, int octets) => With(draw, new TextPart("plain") { Text = draw.Text(octets) });

    /// <summary>A message with a picture or a document of about this many octets.</summary>
    public static MimeMessage WithAttachment(Draw draw, int octets)
    {
        var attached = new MimePart("application", "pdf")
        {
            // Base64 makes four of three.
            Content = new MimeContent(new MemoryStream(Encoding.ASCII.GetBytes(draw.Text(octets * 3 / 4)))),
            ContentTransferEncoding = ContentEncoding.Base64,
            ContentDisposition = new ContentDisposition(ContentDisposition.Attachment) { FileName = "document.pdf" },
        };
        return With(draw, new Multipart("mixed") { new TextPart("html") { Text = "<p>See attachment.</p>" }, attached });
    }

    /// <summary>A message as raw clients send it: lines end in CRLF, and no line is a dot.</summary>
    public static string Raw(Draw draw, int octets) => $"Subject: {draw.Of(Subjects)}\r\nFrom: a@example.org\r\n\r\n{draw.Text(octets)}\r\n";

    private static MimeMessage With(Draw draw, MimeEntity body)
    {
        var message = new MimeMessage { Subject = draw.Of(Subjects), Body = body };
        message.From.Add(MailboxAddress.Parse(draw.Address()));
        message.To.Add(MailboxAddress.Parse(draw.Address()));
        return message;
    }
}
