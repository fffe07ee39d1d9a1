using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace SmtpProxy.Demo;

/// <summary>A well-behaved client: MailKit.</summary>
internal sealed class Mailer : SmtpClient
{
    private readonly bool _prefersChunks;

    /// <summary>Creates it.</summary>
    /// <param name="prefersChunks">Whether it sends by BDAT where the relay offers CHUNKING.</param>
    public Mailer(bool prefersChunks = false)
    {
        _prefersChunks = prefersChunks;
        CheckCertificateRevocation = false;
        // The demo made the certificates itself, in this process: no authority knows them, so their names have to do.
        ServerCertificateValidationCallback = static (_, certificate, _, _) =>
            certificate?.Subject is TlsRelay.Subject or DemoCertificate.Subject;
    }

    protected override bool PreferSendAsBinaryData => _prefersChunks;

    /// <summary>Connects and says hello.</summary>
    public Task ConnectAsync(Visit visit, bool startTls = false)
    {
        LocalDomain = visit.Name;
        return ConnectAsync(visit.Address.Address.ToString(), visit.Address.Port,
            startTls ? SecureSocketOptions.StartTls : SecureSocketOptions.None, visit.Cancellation);
    }

    /// <summary>Sends a message and tells what became of it.</summary>
    /// <returns>Whether the session is good for more.</returns>
    public async Task<bool> SendAsync(Visit visit, MimeMessage message, string? from = null, params string[] to)
    {
        try
        {
            await SendAsync(message, MailboxAddress.Parse(from ?? visit.Chance.Address()),
                (to.Length > 0 ? to : [visit.Chance.Address()]).Select(static a => MailboxAddress.Parse(a)), visit.Cancellation)
                    .ConfigureAwait(false);
            visit.Sightings.Answered(250);
        }
        catch (SmtpCommandException e)
        {
            visit.Sightings.Explains(e);
        }

        return IsConnected;
    }

    /// <summary>QUIT.</summary>
    public Task QuitAsync(Visit visit) => DisconnectAsync(IsConnected, visit.Cancellation);
}
