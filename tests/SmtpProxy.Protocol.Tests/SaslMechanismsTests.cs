using System.Text;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Tests;

/// <summary>A word behind AUTH is a mechanism or a secret; only what is known to be the one is handed on.</summary>
public sealed class SaslMechanismsTests
{
    [Theory]
    [InlineData("PLAIN", "PLAIN")]
    [InlineData("login c2VjcmV0", "login")]
    [InlineData("SCRAM-SHA-256-PLUS biws", "SCRAM-SHA-256-PLUS")]
    [InlineData("KERBEROS_V4", "KERBEROS_V4")]
    [InlineData("XOAUTH2 dXNlcj0", "XOAUTH2")]
    [InlineData("secret", "?")]
    [InlineData("PLAINSECRET", "?")]
    [InlineData("=secret", "?")]
    [InlineData("", "")]
    public void Mechanism_OfArguments_IsAKnownNameOrNone(string arguments, string mechanism) =>
        Assert.Equal(mechanism, MechanismOf(arguments));

    [Fact]
    public void Mechanism_OfEveryKnownName_IsThatName()
    {
        const string Known = "PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5 DIGEST-MD5 NTLM GSSAPI EXTERNAL ANONYMOUS SCRAM-SHA-1 "
            + "SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS SCRAM-SHA-384 SCRAM-SHA-384-PLUS SCRAM-SHA-512 SCRAM-SHA-512-PLUS "
            + "SCRAM-SHA3-512 SCRAM-SHA3-512-PLUS KERBEROS_V4 KERBEROS_V5 GSS-SPNEGO GS2-KRB5 GS2-KRB5-PLUS SPNEGO SPNEGO-PLUS OAUTH10A "
            + "XOAUTH OPENID20 SAML20 OTP SKEY SECURID 9798-U-RSA-SHA1-ENC 9798-M-RSA-SHA1-ENC 9798-U-DSA-SHA1 9798-M-DSA-SHA1 "
            + "9798-U-ECDSA-SHA1 9798-M-ECDSA-SHA1 EAP-AES128 EAP-AES128-PLUS ECDH-X25519-CHALLENGE ECDSA-NIST256P-CHALLENGE "
            + "NMAS-SAMBA-AUTH NMAS_AUTHEN NMAS_LOGIN SXOVER-PLUS PLAIN-CLIENTTOKEN XYMCOOKIE X-YMCOOKIE MSN SRP";
        Assert.All(Known.Split(' '), static name => Assert.Equal(name, MechanismOf(name)));
    }

    [Theory]
    [InlineData("C:AUTH LOGIN|S:334 a|C:dQ|S:535 no|C:RSET|S:451 no|C:hunter2|S:500 what|", "?:500")]
    [InlineData("C:AUTH PLAIN dQ|S:535 no|C:HELO x|S:503 no|C:hunter2|S:500 what|", "?:500")]
    [InlineData("C:AUTH PLAIN dQ|S:535 no|C:RSET|S:250 ok|C:wibble|S:500 what|", "WIBBLE:500")]
    [InlineData("C:AUTH PLAIN dQ|S:535 no|C:RSET|C:hunter2|S:250 ok|S:500 what|", "?:500p")]
    public void UnknownVerb_AfterARefusedAuth_IsNotToldUntilSomethingIsGranted(string text, string last)
    {
        var (record, _) = Talk.PlayEveryWay(Talk.Hello + text);

        Assert.EndsWith(" " + last, record.Exchanges, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", record.Handed.ToString(), StringComparison.Ordinal);
    }

    private static string MechanismOf(string arguments) =>
        Encoding.ASCII.GetString(CommandLine.Mechanism(Encoding.ASCII.GetBytes(arguments)));
}
