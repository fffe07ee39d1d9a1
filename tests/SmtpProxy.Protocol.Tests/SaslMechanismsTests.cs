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
        Assert.Equal(mechanism, Encoding.ASCII.GetString(CommandLine.Mechanism(Encoding.ASCII.GetBytes(arguments))));

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
}
