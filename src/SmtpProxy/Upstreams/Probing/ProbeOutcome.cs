namespace SmtpProxy.Upstreams.Probing;

/// <summary>What a probe found.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Took">How long it took, in milliseconds.</param>
/// <param name="Failure">Why the relay cannot take mail; null when it can.</param>
/// <param name="Greeting">The last line of its greeting, as it was sent.</param>
/// <param name="Capabilities">What its last EHLO reply lists.</param>
/// <param name="Tls">The version of TLS, where the probe spoke it.</param>
/// <param name="CertificateExpires">When the relay's certificate expires; also when it was not believed, which
/// <paramref name="Failure"/> tells.</param>
public sealed record ProbeOutcome(
    DateTimeOffset At, double Took, string? Failure, string? Greeting, IReadOnlyList<string> Capabilities, string? Tls,
    DateTimeOffset? CertificateExpires)
{
    /// <summary>This machine could not connect at all: the relay was not asked.</summary>
    internal bool IsLocal { get; init; }

    /// <summary>There was a connection, whatever came after.</summary>
    internal bool HasConnected { get; init; }

    /// <summary>EHLO was granted: <see cref="Capabilities"/> are all that it offers.</summary>
    internal bool HasOffered { get; init; }
}
