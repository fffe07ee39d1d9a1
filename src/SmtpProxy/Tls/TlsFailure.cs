using System.Security.Authentication;

namespace SmtpProxy.Tls;

/// <summary>Why a handshake failed.</summary>
/// <param name="Type">For <c>error.type</c>; one of the names in this class.</param>
/// <param name="Words">For people: what is wrong.</param>
public sealed record TlsFailure(string Type, string Words)
{
    private const string NoTls = "what came is not TLS";

    /// <summary>The SHA-256 fingerprint of the certificate that a relay showed, hexadecimal, where it is not believed; null: none was
    /// shown, or a client's was.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Whether what came was no TLS at all, but most likely plain SMTP.</summary>
    public bool IsPlaintext => Words == NoTls;

    /// <summary>Nobody who is trusted has signed the peer's certificate.</summary>
    public const string Untrusted = "untrusted";

    /// <summary>The relay's certificate is for another name.</summary>
    public const string NameMismatch = "name_mismatch";

    /// <summary>The peer's certificate is not good any more, or not yet.</summary>
    public const string Expired = "expired";

    /// <summary>The relay's certificate is none of those that are pinned.</summary>
    public const string NotPinned = "not_pinned";

    /// <summary>The relay does not offer STARTTLS, or did not grant it, and must.</summary>
    public const string Refused = "refused";

    /// <summary>The client showed none, and must.</summary>
    public const string ClientCertificateMissing = "client_certificate_missing";

    /// <summary>The peer did not like our certificate, and said so.</summary>
    public const string Rejected = "certificate_rejected";

    /// <summary>No version of TLS that both speak.</summary>
    public const string Version = "protocol_version";

    /// <summary>No cipher that both have.</summary>
    public const string Cipher = "no_common_cipher";

    /// <summary>What came was not TLS, or broken.</summary>
    public const string Malformed = "malformed";

    /// <summary>The peer went in the middle of it.</summary>
    public const string Closed = "closed";

    /// <summary>It took too long.</summary>
    public const string Timeout = "timeout";

    /// <summary>Anything else.</summary>
    public const string Other = "handshake_failed";

    private static readonly (string Text, string Type, string Words)[] Known =
    [
        ("did not return a certificate", ClientCertificateMissing, "the client showed no certificate"),
        ("certificate required", Rejected, "the peer asks for a certificate, and there is none to show"),
        ("alert unknown ca", Rejected, "the peer does not trust the certificate it was shown: it does not know who signed it"),
        ("alert bad certificate", Rejected, "the peer does not accept the certificate it was shown"),
        ("alert certificate", Rejected, "the peer does not accept the certificate it was shown"),
        ("unsupported protocol", Version, "there is no version of TLS that both speak"),
        ("protocol version", Version, "there is no version of TLS that both speak"),
        ("version too low", Version, "there is no version of TLS that both speak"),
        ("no protocols available", Version, "there is no version of TLS that both speak"),
        ("no shared cipher", Cipher, "there is no cipher that both have"),
        ("no suitable", Cipher, "there is no cipher or signature that both have"),
        ("asn1 lib", Malformed, "the certificate that came cannot be read"),
        ("asn1 encoding", Malformed, "the certificate that came cannot be read"),
        ("bad asn", Malformed, "the certificate that came cannot be read"),
        ("cert length mismatch", Malformed, "the certificate that came cannot be read"),
        ("wrong version number", Malformed, NoTls),
        ("http request", Malformed, NoTls),
        ("frame size", Malformed, NoTls),
        ("corrupted frame", Malformed, NoTls),
        ("unexpected message", Malformed, "what came is broken TLS"),
        ("length mismatch", Malformed, "what came is broken TLS"),
        ("packet length too long", Malformed, "what came is broken TLS"),
        ("bad record mac", Malformed, "what came is broken TLS"),
        ("record boundary", Malformed, "what came is broken TLS"),
        // What SslStream says of a record that is empty: it looks at its first octet.
        ("outside the bounds of the array", Malformed, "what came is broken TLS"),
        ("unexpected EOF", Closed, "the peer closed the connection in the middle of the handshake"),
        ("0 bytes from the transport stream", Closed, "the peer closed the connection in the middle of the handshake"),
    ];

    /// <summary>Every type.</summary>
    internal static readonly string[] Types =
        [Untrusted, NameMismatch, Expired, NotPinned, Refused, ClientCertificateMissing, Rejected, Version, Cipher, Malformed, Closed,
            Timeout, Other];

    internal static readonly TlsFailure NoClientCertificate = new(ClientCertificateMissing, "the client showed no certificate");

    /// <summary>Explains what a handshake threw.</summary>
    /// <param name="thrown">What it threw.</param>
    /// <param name="rejected">What <see cref="RelayHandshake.Rejected"/> or <see cref="ServerHandshake.Rejected"/> says.</param>
    public static TlsFailure Of(Exception thrown, TlsFailure? rejected)
    {
        if (rejected is not null)
        {
            return rejected;
        }

        var last = thrown;
        for (var e = thrown; e is not null; e = e.InnerException)
        {
            foreach (var (text, type, words) in Known)
            {
                if (e.Message.Contains(text, StringComparison.OrdinalIgnoreCase))
                {
                    return new TlsFailure(type, words);
                }
            }

            last = e;
        }

        return thrown switch
        {
            OperationCanceledException or TimeoutException => new TlsFailure(Timeout, "the handshake took too long"),
            IOException or ObjectDisposedException => new TlsFailure(Closed, "the connection was lost in the middle of the handshake"),
            AuthenticationException or null => new TlsFailure(Other, last?.Message ?? "the handshake failed"),
            _ => new TlsFailure(Other, last!.Message),
        };
    }
}
