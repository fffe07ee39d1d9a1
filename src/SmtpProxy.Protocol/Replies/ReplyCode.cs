namespace SmtpProxy.Protocol.Replies;

/// <summary>The reply codes that change what follows.</summary>
internal static class ReplyCode
{
    /// <summary>To STARTTLS: TLS begins (RFC 3207 4).</summary>
    public const ushort Ready = 220;

    /// <summary>To AUTH: a response is wanted (RFC 4954 4).</summary>
    public const ushort Challenge = 334;

    /// <summary>To the end of data, with PRDR: one reply for each recipient follows, and one for all.</summary>
    public const ushort PerRecipientFollow = 353;

    /// <summary>To DATA: the message may come (RFC 5321 4.1.1.4).</summary>
    public const ushort GoAhead = 354;

    /// <summary>At any time (RFC 5321 3.8).</summary>
    public const ushort ServiceClosing = 421;
}
