namespace SmtpProxy.Rehearsals.Observed;

/// <summary>What a client was told of a try.</summary>
internal enum TryEnd : byte
{
    /// <summary>2yz: the message was taken.</summary>
    Accepted,

    /// <summary>4yz: come back later.</summary>
    PutOff,

    /// <summary>5yz: never.</summary>
    Refused,

    /// <summary>No reply: the connection ended before.</summary>
    Cut,
}

/// <summary>One try of a client to send a message to one recipient; or, where it did not come so far, one try to send at all.</summary>
/// <param name="Session">The session's name.</param>
/// <param name="Began">When MAIL was said, or the session began: Unix time in seconds.</param>
/// <param name="Ended">When the client knew, or could have known: Unix time in seconds.</param>
/// <param name="From">The sender; null: not said, or not recorded.</param>
/// <param name="To">The recipient; null: not said, or not recorded.</param>
/// <param name="MessageId">The message's Message-ID; null: not seen.</param>
/// <param name="End">What the client was told.</param>
/// <param name="IsTaken">Whether the relay has the message, whatever the client was told.</param>
/// <param name="IsSecure">Whether it went over TLS.</param>
internal sealed record SeenTry(
    string Session, double Began, double Ended, string? From, string? To, string? MessageId, TryEnd End, bool IsTaken, bool IsSecure)
{
    /// <summary>What the mail is told from others by: its Message-ID, or else its sender, and the recipient.</summary>
    public (string? What, string? To) Mail => (MessageId ?? From, To);

    /// <summary>Whether that is known at all.</summary>
    public bool HasMail => Mail is { What: not null, To: not null };

    /// <summary>Whether another try may be for the same mail: what both say of it agrees.</summary>
    public bool MayBe(SeenTry other) => (From is null || other.From is null || From == other.From)
        && (To is null || other.To is null || To == other.To);
}
