namespace SmtpProxy.Tls;

/// <summary>What is known of a certificate, fit to be written down.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="Issuer">Who signed it.</param>
/// <param name="Names">The first names that it is for.</param>
/// <param name="NotBefore">Since when it is good.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="Fingerprint">SHA-256, in hexadecimal.</param>
/// <param name="Problem">Why it was not believed; null: it was, or nobody looks.</param>
public sealed record CertificateFacts(
    string Subject, string Issuer, IReadOnlyList<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Fingerprint,
    string? Problem)
{
    private long _seen;

    /// <summary>When it was shown last.</summary>
    public DateTimeOffset SeenAt
    {
        get => new(Volatile.Read(ref _seen), TimeSpan.Zero);
        internal set => Volatile.Write(ref _seen, value.UtcTicks);
    }
}
