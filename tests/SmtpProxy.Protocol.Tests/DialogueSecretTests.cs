namespace SmtpProxy.Protocol.Tests;

/// <summary>Of AUTH nothing but the mechanism is handed over (RFC 4954 4), wherever the secret stands.</summary>
public sealed class DialogueSecretTests
{
    [Theory]
    [InlineData("C:AUTH PLAIN c2VjcmV0|S:235 ok|")]
    [InlineData("C:AUTH PLAIN\tc2VjcmV0|S:235 ok|")]
    [InlineData("C:AUTH PLAIN\rc2VjcmV0|S:235 ok|")]
    [InlineData("C:AUTH PLAIN=c2VjcmV0|S:504 what|")]
    [InlineData("C:AUTH PLAIN|S:334 |C:c2VjcmV0|S:235 ok|")]
    [InlineData("C:AUTH PLAIN|C:c2VjcmV0|S:504 what|S:500 what|")]
    public void Auth_SecretAnywhere_IsNotHandedOver(string text) => AssertSecret(text);

    [Fact]
    public void Auth_AnsweredWithinAResponse_TheRestOfThatLineIsNoCommandText() =>
        AssertSecret("C:AUTH LOGIN|S:334 a|C~c2Vj|S:451 too slow|C:cmV0 c2VjcmV0|S:500 what|");

    [Fact]
    public void Auth_RefusedByTheProxy_HeldResponsesAreNotHandedOver()
    {
        var record = new Recorder();
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        dialogue.Start();
        dialogue.FromRelay("220 x\r\n"u8);
        dialogue.FromClient("AUTH LOGIN\r\nc2VjcmV0\r\nQUIT\r\n"u8);
        dialogue.FromProxy("421 4.3.2 restarting\r\n"u8);
        dialogue.Finish();

        Assert.Equal("AUTH:421(4.3.2) ?:-p QUIT:-p", record.Exchanges);
        Assert.DoesNotContain("c2Vj", record.Handed.ToString(), StringComparison.Ordinal);
    }

    private static void AssertSecret(string text)
    {
        var (record, _) = Talk.PlayEveryWay(Talk.Hello + text);
        Assert.DoesNotContain("c2Vj", record.Handed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("cmV0", record.Handed.ToString(), StringComparison.Ordinal);
    }
}
