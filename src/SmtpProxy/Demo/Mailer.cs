using System.Globalization;
using System.Text;

namespace SmtpProxy.Demo;

/// <summary>A well-behaved client: it keeps to what the relay offers, asks MAIL and RCPT in one piece where it may, gives up a message of
/// which a recipient is refused, and takes each code at its word. A client of its own, so that what is shipped needs no library that
/// nothing but the demo would use.</summary>
/// <param name="prefersChunks">Whether it sends by BDAT where the relay offers CHUNKING.</param>
internal sealed class Mailer(bool prefersChunks = false) : IDisposable
{
    private RawClient? _client;
    private bool _isOver;

    /// <summary>Connects, says hello, and begins TLS where it is asked to.</summary>
    /// <exception cref="RefusedException">The greeting, the hello or STARTTLS is refused.</exception>
    public async Task ConnectAsync(Visit visit, bool startTls = false)
    {
        _client = await visit.ConnectAsync().ConfigureAwait(false);
        Demand(await _client.ReplyAsync().ConfigureAwait(false), 220);
        Demand(await _client.EhloAsync(visit.Name).ConfigureAwait(false), 250);
        if (startTls)
        {
            Demand(await _client.SayAsync("STARTTLS").ConfigureAwait(false), 220);
            // The demo made the certificates itself, in this process: no authority knows them, so their names have to do.
            await _client.SecureAsync(static (_, certificate, _, _) =>
                certificate?.Subject is TlsRelay.Subject or DemoCertificate.Subject).ConfigureAwait(false);
            Demand(await _client.EhloAsync(visit.Name).ConfigureAwait(false), 250);
        }
    }

    /// <summary>Says who it is: AUTH PLAIN (RFC 4616), or LOGIN.</summary>
    /// <exception cref="RefusedException">It is not believed.</exception>
    public async Task AuthenticateAsync(bool plain, string user, string password)
    {
        if (plain)
        {
            Demand(await _client!.SayAsync($"AUTH PLAIN {Base64($"\0{user}\0{password}")}").ConfigureAwait(false), 235);
            return;
        }

        Demand(await _client!.SayAsync("AUTH LOGIN").ConfigureAwait(false), 334);
        Demand(await _client.SayAsync(Base64(user)).ConfigureAwait(false), 334);
        Demand(await _client.SayAsync(Base64(password)).ConfigureAwait(false), 235);
    }

    /// <summary>Sends a message and tells what became of it.</summary>
    /// <returns>Whether the session is good for more.</returns>
    public async Task<bool> SendAsync(Visit visit, string message, string? from = null, params string[] to)
    {
        try
        {
            await TransactAsync(message, from ?? visit.Chance.Address(), to.Length > 0 ? to : [visit.Chance.Address()])
                .ConfigureAwait(false);
            visit.Sightings.Answered(250);
        }
        catch (RefusedException e)
        {
            visit.Sightings.Explains(e);
            if (!_isOver)
            {
                await _client!.SayAsync("RSET").ConfigureAwait(false);
            }
        }

        return !_isOver;
    }

    /// <summary>QUIT.</summary>
    public Task QuitAsync() => _isOver ? Task.CompletedTask : _client!.SayAsync("QUIT");

    /// <summary>FIN.</summary>
    public void Dispose() => _client?.Dispose();

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task TransactAsync(string message, string from, string[] to)
    {
        var size = _client!.Offers("SIZE") ? string.Create(CultureInfo.InvariantCulture, $" SIZE={message.Length}") : "";
        string[] envelope = [$"MAIL FROM:<{from}>{size}", .. to.Select(static address => $"RCPT TO:<{address}>")];
        if (_client.Offers("PIPELINING"))
        {
            await _client.SendAsync(string.Concat(envelope.Select(static command => command + "\r\n"))).ConfigureAwait(false);
            var worst = 250;
            for (var left = envelope.Length; left > 0 && worst != 421; left--)
            {
                // Each has its reply, also after one that refuses; nothing comes after 421. What refused first is the reason.
                var code = await _client.ReplyAsync().ConfigureAwait(false);
                worst = worst < 400 || code == 421 ? code : worst;
            }

            Demand(worst, 250);
        }
        else
        {
            foreach (var command in envelope)
            {
                Demand(await _client.SayAsync(command).ConfigureAwait(false), 250);
            }
        }

        if (prefersChunks && _client.Offers("CHUNKING"))
        {
            await _client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"BDAT {message.Length} LAST\r\n{message}"))
                .ConfigureAwait(false);
        }
        else
        {
            Demand(await _client.SayAsync("DATA").ConfigureAwait(false), 354);
            await _client.SendAsync(message.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".\r\n").ConfigureAwait(false);
        }

        Demand(await _client.ReplyAsync().ConfigureAwait(false), 250);
    }

    /// <summary>Goes on only if the reply is of the expected kind (RFC 5321 4.2.1); 421 ends the session (4.2.2).</summary>
    private void Demand(int code, int expected)
    {
        if (code / 100 != expected / 100)
        {
            _isOver |= code == 421;
            throw new RefusedException(code);
        }
    }
}

/// <summary>A reply that ends what the client was about to do.</summary>
/// <param name="code">Its code.</param>
internal sealed class RefusedException(int code) : Exception(code.ToString(CultureInfo.InvariantCulture))
{
    /// <summary>The reply's code.</summary>
    public int Code { get; } = code;
}
