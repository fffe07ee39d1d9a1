using System.Collections.Concurrent;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>MailKit: connected where it is not, and then asked to send.</summary>
internal sealed class MailKitSender : ISender
{
    private readonly ConcurrentDictionary<string, SmtpClient> _clients = new();

    public async Task<Told> SendAsync(Letter letter)
    {
        try
        {
            using var message = await MimeMessage.LoadAsync(new MemoryStream(Encoding.ASCII.GetBytes(letter.Message)));
            var client = _clients.GetOrAdd(letter.Name, _ => Create(letter));
            if (!client.IsConnected)
            {
                await client.ConnectAsync("127.0.0.1", letter.Port, letter.Tls switch
                {
                    TlsWish.Required => SecureSocketOptions.StartTls,
                    TlsWish.Offered => SecureSocketOptions.StartTlsWhenAvailable,
                    _ => SecureSocketOptions.None,
                });
            }

            await client.SendAsync(message, MailboxAddress.Parse(letter.From), letter.To.Select(MailboxAddress.Parse));
            return Told.Accepted;
        }
        catch (SmtpCommandException refused)
        {
            return new Told(false, $"`SmtpCommandException` {(int)refused.StatusCode}");
        }
#pragma warning disable CA1031 // Every exception is an answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Told(false, $"`{e.GetType().Name}`");
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static SmtpClient Create(Letter letter)
    {
        var client = new SmtpClient();
        client.Timeout = (int)(client.Timeout * (letter.Limits ?? 1));
#pragma warning disable CA5359 // The server's certificate is a throw-away one of this test.
        client.ServerCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return client;
    }
}
