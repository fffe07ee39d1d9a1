namespace SmtpProxy.Protocol.Commands;

/// <summary>The names of SASL mechanisms (RFC 4422 3.1): those of IANA's registry, and those that mail clients use although they are not in
/// it. Any other word after AUTH may be a secret in the wrong place.</summary>
/// <remarks><code>
/// sasl-mech = 1*20mech-char     ; "-PLUS" and private names make the longest here 32
/// mech-char = UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE
/// </code></remarks>
public static class SaslMechanisms
{
    private const int Longest = 32;

    private static readonly string[] Known =
    [
        "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI", "EXTERNAL", "ANONYMOUS",
        "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-384", "SCRAM-SHA-384-PLUS", "SCRAM-SHA-512",
        "SCRAM-SHA-512-PLUS",
        "SCRAM-SHA3-512", "SCRAM-SHA3-512-PLUS", "KERBEROS_V4", "KERBEROS_V5", "GSS-SPNEGO", "GS2-KRB5", "GS2-KRB5-PLUS", "SPNEGO",
        "SPNEGO-PLUS",
        "OAUTH10A", "XOAUTH", "OPENID20", "SAML20", "OTP", "SKEY", "SECURID", "9798-U-RSA-SHA1-ENC", "9798-M-RSA-SHA1-ENC",
        "9798-U-DSA-SHA1", "9798-M-DSA-SHA1",
        "9798-U-ECDSA-SHA1", "9798-M-ECDSA-SHA1", "EAP-AES128", "EAP-AES128-PLUS", "ECDH-X25519-CHALLENGE", "ECDSA-NIST256P-CHALLENGE",
        "NMAS-SAMBA-AUTH", "NMAS_AUTHEN", "NMAS_LOGIN", "SXOVER-PLUS", "PLAIN-CLIENTTOKEN", "XYMCOOKIE", "X-YMCOOKIE", "MSN", "SRP",
    ];

    /// <summary>Returns the name as it was sent; empty where there is none, and <c>?</c> for any other word.</summary>
    public static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> token)
    {
        if (token.Length <= Longest)
        {
            foreach (var name in Known)
            {
                if (System.Text.Ascii.EqualsIgnoreCase(token, name))
                {
                    return token;
                }
            }
        }

        return token.IsEmpty ? default : "?"u8;
    }
}
