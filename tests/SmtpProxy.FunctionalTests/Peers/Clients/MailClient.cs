using System.Net;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Clients;

/// <summary>The programs and libraries that send mail in these tests, each as its users use it.</summary>
public static class MailClient
{
    /// <summary>Those that can send a message octet for octet.</summary>
    public static IEnumerable<string> Raw => ["swaks", "swaks-pipelining", "smtplib", "nodemailer", "mailkit"];

    /// <summary>Sends a message: CRLF lines, header and body.</summary>
    public static Task SendAsync(string client, IPEndPoint to, string from, string[] recipients, byte[] message) => client switch
    {
        "swaks" => SwaksAsync(to, from, recipients, message),
        "swaks-pipelining" => SwaksAsync(to, from, recipients, message, "--pipeline"),
        "smtplib" => Command.SucceedAsync(PeerTool.Require("python3"),
            [Script("send.py"), to.Address.ToString(), $"{to.Port}", from, string.Join(',', recipients)], Encoding.UTF8.GetString(message)),
        "nodemailer" => Command.SucceedAsync(PeerTool.Require("node"),
            [Script("send.cjs"), PeerTool.RequireUnpacked("node/node_modules/nodemailer"), to.Address.ToString(), $"{to.Port}", from,
                string.Join(',', recipients)],
            Encoding.UTF8.GetString(message)),
        "mailkit" => MailKitAsync(to, from, recipients, message, SecureSocketOptions.None),
        _ => throw new ArgumentOutOfRangeException(nameof(client), client, "unknown"),
    };

    /// <summary>By MailKit, with or without STARTTLS.</summary>
    public static async Task MailKitAsync(IPEndPoint to, string from, string[] recipients, byte[] message, SecureSocketOptions tls)
    {
        using var parsed = await MimeMessage.LoadAsync(new MemoryStream(message));
        using var client = new SmtpClient { CheckCertificateRevocation = false };
#pragma warning disable CA5359 // The server's certificate is a throw-away one of this test.
        client.ServerCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        await client.ConnectAsync(to.Address.ToString(), to.Port, tls);
        await client.SendAsync(parsed, MailboxAddress.Parse(from), recipients.Select(MailboxAddress.Parse));
        await client.DisconnectAsync(quit: true);
    }

    /// <summary>By swaks, with more options.</summary>
    public static async Task<string> SwaksAsync(IPEndPoint to, string from, string[] recipients, byte[] message, params string[] options)
    {
        var file = Path.GetTempFileName();
        try
        {
            // swaks wants LF in its file, writes CRLF, and adds the last one itself.
            var text = Encoding.Latin1.GetString(message).Replace("\r\n", "\n", StringComparison.Ordinal);
            await File.WriteAllBytesAsync(file, Encoding.Latin1.GetBytes(text[..^1]));
            return await Command.SucceedAsync(PeerTool.Require("swaks"),
                ["--server", $"{to}", "--from", from, "--to", string.Join(',', recipients), "--data", $"@{file}", "--helo",
                    "client.test.example", .. options]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Peers", "Clients", name);
}
