using System.Security.Authentication;

namespace SmtpProxy.Inspection;

/// <summary>A TLS handshake that came to nothing.</summary>
/// <param name="type">One of the names in <see cref="Tls.TlsFailure"/>.</param>
/// <param name="words">For people.</param>
/// <param name="inner">What was thrown.</param>
internal sealed class SecurityFailedException(string type, string words, Exception? inner) : AuthenticationException(words, inner)
{
    public string Type { get; } = type;
}
