using System.Collections.Concurrent;
using System.Net;
using System.Net.Mail;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>System.Net.Mail, by its blocking <c>Send</c>: the only one to which its timeout applies.</summary>
internal sealed class SystemNetMailSender : ISender
{
    private readonly ConcurrentDictionary<string, SmtpClient> _clients = new();

    public Task<Told> SendAsync(Letter letter) =>
        // A thread of its own: it blocks, and the pool has few.
        Task.Factory.StartNew(() => Send(letter), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

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
#pragma warning disable SYSLIB0014, CA5359 // There is no other way to trust the throw-away certificate of this test.
        ServicePointManager.ServerCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore SYSLIB0014, CA5359
        var client = new SmtpClient("127.0.0.1", letter.Port) { EnableSsl = letter.Tls == TlsWish.Required };
        client.Timeout = (int)(client.Timeout * (letter.Limits ?? 1));
        return client;
    }

    private Told Send(Letter letter)
    {
        using var message = new MailMessage { From = new MailAddress(letter.From), Subject = letter.Name, Body = letter.Message };
        foreach (var recipient in letter.To)
        {
            message.To.Add(recipient);
        }

        try
        {
            _clients.GetOrAdd(letter.Name, _ => Create(letter)).Send(message);
            return Told.Accepted;
        }
        catch (SmtpException refused)
        {
            var inner = refused.InnerException is null or SmtpException ? "" : $" with `{refused.InnerException.GetType().Name}`";
            var code = refused.StatusCode == SmtpStatusCode.GeneralFailure ? "" : $" {(int)refused.StatusCode}";
            return new Told(false, $"`{refused.GetType().Name}`{code}{inner}");
        }
    }
}
