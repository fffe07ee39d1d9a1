using System.Net;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Sink;

/// <summary>Clients that others wrote.</summary>
public sealed class SinkClientTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task MailKit_SendsSeveral_TheyAreKept(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", sink.SmtpPort, SecureSocketOptions.None);
        Assert.True(client.Capabilities.HasFlag(SmtpCapabilities.Pipelining | SmtpCapabilities.Size | SmtpCapabilities.EightBitMime
            | SmtpCapabilities.UTF8
            | SmtpCapabilities.EnhancedStatusCodes | SmtpCapabilities.Chunking | SmtpCapabilities.Dsn | SmtpCapabilities.Authentication));
        Assert.Equal(36_700_160u, client.MaxSize);
        await client.AuthenticateAsync("anybody", "anything");
        for (var n = 0; n < 3; n++)
        {
            Assert.Contains("queued as", await client.SendAsync(Message($"from{n}@example.org", "b@example.org", "c@example.org")),
                StringComparison.Ordinal);
        }

        await client.DisconnectAsync(quit: true);
        Assert.Equal(["from2@example.org", "from1@example.org", "from0@example.org"],
            sink.Mailbox.Messages().Select(message => message.From));
        Assert.All(sink.Mailbox.Messages(), message => Assert.Equal(["b@example.org", "c@example.org"], message.Recipients));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task MailKit_Internationalized_IsAccepted(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", sink.SmtpPort, SecureSocketOptions.None);
        var options = FormatOptions.Default.Clone();
        options.International = true;
        await client.SendAsync(options, Message("gr\u00fc\u00dfe@example.org", "b@example.org"));
        await client.DisconnectAsync(quit: true);
        Assert.Equal("gr\u00fc\u00dfe@example.org", Assert.Single(sink.Mailbox.Messages()).From);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task MailKit_AsksForAnAnswer_GetsIt(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", sink.SmtpPort, SecureSocketOptions.None);
        foreach (var (from, to, code, what) in ((string, string, int, SmtpErrorCode)[])
            [
                ("553@example.org", "b@example.org", 553, SmtpErrorCode.SenderNotAccepted),
                ("a@example.org", "550-5.1.1@example.org", 550, SmtpErrorCode.RecipientNotAccepted),
                ("a@example.org", "delay-10ms+451-dot@example.org", 451, SmtpErrorCode.MessageNotAccepted),
            ])
        {
            var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(Message(from, to)));
            Assert.Equal((code, what), ((int)refused.StatusCode, refused.ErrorCode));
        }

        await client.DisconnectAsync(quit: true);
        Assert.Empty(sink.Mailbox.Messages());
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task MailKit_AsksForADrop_IsDisconnected(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", sink.SmtpPort, SecureSocketOptions.None);
        await Assert.ThrowsAnyAsync<Exception>(() => client.SendAsync(Message("a@example.org", "drop-dot@example.org")));
        Assert.False(client.IsConnected);
        Assert.Empty(sink.Mailbox.Messages());
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task SystemNetMail_WithCredentials_IsAcceptedOrRefusedAsAsked(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        using var client = new System.Net.Mail.SmtpClient("127.0.0.1", sink.SmtpPort)
            { Credentials = new NetworkCredential("anybody", "anything") };
        using var message = new System.Net.Mail.MailMessage("a@example.org", "b@example.org", "Hello", "Body\r\n.\r\n..\r\n")
            { BodyEncoding = Encoding.UTF8 };
        await client.SendMailAsync(message);
        Assert.Equal("a@example.org", Assert.Single(sink.Mailbox.Messages()).From);
        using var refused = new System.Net.Mail.MailMessage("a@example.org", "552-dot@example.org", "Hello", "Body");
        var error = await Assert.ThrowsAsync<System.Net.Mail.SmtpException>(() => client.SendMailAsync(refused));
        Assert.Equal(552, (int)error.StatusCode);
    }

    private static MimeMessage Message(string from, params string[] to)
    {
        var message = new MimeMessage();
        message.From.Add(new MailboxAddress("", from));
        message.To.AddRange(to.Select(address => new MailboxAddress("", address)));
        message.Subject = "Hello";
        message.Body = new TextPart("plain") { Text = "Hello\n.\n..\nbye\n" };
        return message;
    }
}
