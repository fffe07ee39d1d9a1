namespace SmtpProxy.Protocol.Tests;

/// <summary>Where in whose octets what was found stands: at the first octet of the line, the reply's last line, or
/// where the rest is missing.</summary>
public sealed class DialoguePositionTests
{
    /// <summary>Dialogue and reports. The greeting has 7 octets, EHLO 8, its reply 7.</summary>
    [Theory]
    [InlineData("S:SSH-2.0|", "not-smtp Relay 0")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:NOOP|S:25|S:250 x|", "malformed-reply Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:NOOP|S:250-a|S:251 b|", "mixed-reply-codes Relay 21")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:NOOP|S:650 a|", "reply-code-out-of-range Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:NOOP|S~250 a\n|", "bare-lf-reply Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|S:250 y|", "unsolicited-reply Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|S:421 y|", "unsolicited-421 Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:NOOP|", "missing-reply Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:NOOP|S~250|", "missing-reply Relay 17;truncated-reply Relay 17")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C~NOOP\n|S:250 a|", "bare-lf-command Client 8")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C~NOO|", "truncated-command Client 11")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:RSET|C:RSET|S:250 a|S:250 b|", "pipelining-unadvertised Client 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:STARTTLS|C:RSET|S:220 go|",
        "starttls-injection-client Client 18")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:STARTTLS|S:220 go|S:250 x|", "starttls-injection-server Relay 22")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:STARTTLS|S:220 go|C:RSET|", "non-tls-after-starttls Client 18")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:AUTH LOGIN|C:eA==|S:334 a|S:235 b|", "auth-data-before-334 Client 20")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:TURN|S:250 a|", "role-reversal Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:DATA|S:354 a|C~a|", "data-without-recipients Relay 14;truncated-data Client 15")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:DATA|C:a|S:354 a|C:.|S:250 a|", "data-before-354 Client 14;data-without-recipients Relay 14")]
    [InlineData("S:220 x|C:EHLO c|S:250 x|C:BDAT 3 LAST|C~a|", "missing-reply Relay 14;truncated-data Client 22")]
    public void Anomalies_StandWhereTheyAre(string text, string positions)
    {
        var (record, _) = Talk.Play(Talk.Read(text), Talk.Whole);

        Assert.Equal(positions, string.Join(';', record.Positions.Order(StringComparer.Ordinal)));
        Assert.Equal(record.Positions.Order(StringComparer.Ordinal),
            Talk.Play(Talk.Read(text), Talk.Octets).Record.Positions.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lines_OfARefusal_AreToldAsTheyCome()
    {
        var (record, _) = Talk.PlayEveryWay("S:220 x|C:MAIL FROM:<a@b>|S:550-one|S:550-two|S:550 three|C:NOOP|S:250-a|S:250 b|");

        Assert.Equal("refusal 1 one;refusal 1 two",
            string.Join(';', record.Facts.Split('\n').Select(static fact => fact.Trim())
                .Where(static fact => fact.StartsWith("refusal", StringComparison.Ordinal))));
    }
}
