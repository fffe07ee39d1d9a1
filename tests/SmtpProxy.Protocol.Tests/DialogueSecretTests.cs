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

    /// <summary>A relay answers DATA with 250, or refuses it, or cannot read how long a chunk is, and reads the message as commands: none
    /// of its words is a verb or a path.</summary>
    [Theory]
    [InlineData("C:DATA|S:250 ok|", "")]
    [InlineData("C:DATA|S:250 ok|C:c2Vj|S:500 what|C:RSET|S:250 ok|C:MAIL FROM:<x@y>|S:250 ok|C:DATA|S:250 ok|", "")]
    [InlineData("C:DATA|", "S:250 ok|")]
    [InlineData("C:DATA|S:554 no|", "")]
    [InlineData("C:DATA|S:451 later|", "")]
    [InlineData("C:DATA|", "S:554 no|")]
    [InlineData("C:DATA now|S:501 no|", "")]
    [InlineData("C:RSET|S:250 ok|C:DATA|S:503 no|", "")]
    [InlineData("C:DATA|S:250 ok|C:c2Vj|S:500 what|C:DATA|S:503 no|", "")]
    [InlineData("C:BDAT x|S:501 no|", "")]
    [InlineData("C:BDAT 5x LAST|", "S:501 no|")]
    public void Message_ReadAsCommands_IsNotHandedOver(string before, string early)
    {
        string[] message = ["Subject: c2Vj", "", "c2Vj cmV0", "HELP c2Vj", "MAIL FROM:<c2Vj@x>", "RCPT TO:<cmV0@x> c2Vj=x", "EHLO cmV0",
            "XFORWARD NAME=c2Vj", "cmV0", "."];
        var answers = string.Concat(message.Select(static line =>
            $"S:{(line.StartsWith("HELP", StringComparison.Ordinal) ? 214 : 500)} what|"));
        var lines = string.Concat(message.Select(static line => $"C:{line}|"));
        AssertSecret("C:MAIL FROM:<a@b>|S:250 ok|C:RCPT TO:<c@d>|S:250 ok|" + before + lines + early + answers);

        // Granted what begins anew, the client is told from its message again.
        var (record, _) = Talk.PlayEveryWay(Talk.Envelope + before + lines + early + answers
            + "C:RSET|S:250 ok|C:MAIL FROM:<new@b>|S:250 ok|C:HELLO x|S:500 no|");
        Assert.Contains("new@b", record.Handed.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("RSET:250 MAIL:250 HELLO:500", record.Exchanges, StringComparison.Ordinal);
    }

    /// <summary>What begins anew, and is granted, is no line of the message, and nor is what comes after it,
    /// however early that was sent.</summary>
    [Theory]
    [InlineData("C:<html>|S:500 what|C:MAIL FROM:<new@b> SIZE=1|S:250 ok|C:RCPT TO:<to@d>|S:250 ok|C:RCPT TO:<no@d>|S:550 no|",
        "new@b to@d no@d")]
    [InlineData("C:<html>|C:MAIL FROM:<new@b> SIZE=1|C:RCPT TO:<to@d>|C:RCPT TO:<no@d>|S:500 what|S:250 ok|S:250 ok|S:550 no|",
        "new@b to@d no@d")]
    [InlineData("C:<html>|C:MAIL FROM:<c2Vj@b>|C:RCPT TO:<c2Vj@d>|C:MAIL FROM:<new@b>|S:500 what|S:503 nested|S:500 what|S:250 ok|",
        "new@b")]
    [InlineData(
        "C:<html>|C:MAIL FROM:<c2Vj@b>|C:RCPT TO:<c2Vj@d>|C:RSET|C:MAIL FROM:<new@b>|S:500 what|S:503 nested|S:250 ok|S:250 ok|S:250 ok|",
        "new@b", "RCPT:250")]
    public void Command_GrantedAfterAMessageReadAsCommands_IsHandedOver(string after, string handed, string? refused = null)
    {
        var (record, _) = Talk.PlayEveryWay(Talk.Envelope + "C:DATA|S:250 ok|" + after);
        var all = record.Handed.ToString();
        Assert.All(handed.Split(' '), word => Assert.Contains(word, all, StringComparison.Ordinal));
        Assert.DoesNotContain("c2Vj", all, StringComparison.Ordinal);
        Assert.DoesNotContain("html", all, StringComparison.Ordinal);
        Assert.Contains(refused ?? "", record.Exchanges, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_ThatWaitsForTheGoAhead_IsReadAfterA250_AsEver()
    {
        var (record, _) = Talk.PlayEveryWay(Talk.Envelope
            + "C:DATA|S:250 ok|C:MAIL FROM:<x@y>|S:503 nested|C:VRFY z|S:252 ok|C:RSET|S:250 ok|");

        Assert.Contains("x@y", record.Handed.ToString(), StringComparison.Ordinal);
        Assert.Equal("EHLO:250 MAIL:250 RCPT:250 DATA:250 MAIL:503 VRFY:252 RSET:250", record.Exchanges);
    }

    private static void AssertSecret(string text)
    {
        var (record, _) = Talk.PlayEveryWay(Talk.Hello + text);
        Assert.DoesNotContain("c2Vj", record.Handed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("cmV0", record.Handed.ToString(), StringComparison.Ordinal);
    }
}
