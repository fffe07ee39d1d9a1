namespace SmtpProxy.Sink;

/// <summary>A transaction: its path, its recipients and the octets so far.</summary>
internal sealed class Envelope(string from, bool isSmtpUtf8)
{
    private readonly List<Recipient> _recipients = [];

    public string From => from;

    /// <summary>MAIL had SMTPUTF8 (RFC 6531 3.4): addresses may be anything that UTF-8 can write.</summary>
    public bool IsSmtpUtf8 => isSmtpUtf8;

    public IReadOnlyList<Recipient> Recipients => _recipients;

    /// <summary>Octets of the message, transparency dots removed.</summary>
    public long Octets { get; set; }

    public void Add(Recipient recipient) => _recipients.Add(recipient);
}

/// <summary>A RCPT that was accepted.</summary>
/// <param name="Path">The path without brackets.</param>
/// <param name="AtDot">What the address asks for as its own reply to the end of data, with LMTP.</param>
internal readonly record struct Recipient(string Path, Answer AtDot);
