namespace SmtpProxy.Protocol.Tests;

/// <summary>What an observer is told of a dialogue, and in which words.</summary>
public sealed class DialogueFactsTests
{
    [Theory]
    [InlineData(Talk.Hello, "capability CHUNKING")]
    [InlineData(Talk.Hello + "C:AUTH LOGIN|S:334 a|C:dQ|S:334 b|C:cA|S:235 ok|", "responded 2")]
    [InlineData(Talk.Envelope + "C:BDAT 5 LAST|C~hello|S:250 ok|", "chunk 4 5")]
    [InlineData(Talk.Envelope + "C:DATA|S:354 go|C:..hello|C:.|S:250 ok|", "body 5 9 8")]
    [InlineData(Talk.Hello + "S:250 what|", "unsolicited 250")]
    [InlineData(Talk.Envelope, "transaction 2")]
    [InlineData(Talk.Envelope + "C:DATA|S:354 go|C:hello|", "continued 4 354 0")]
    [InlineData(Talk.Envelope + "C:NOOP|", "unanswered 4.0")]
    public void Fact_OfADialogue_IsTold(string text, string fact)
    {
        var (record, _) = Talk.PlayEveryWay(text);
        Assert.Contains(fact, record.Facts.ReplaceLineEndings("\n").Split('\n'));
    }

    [Theory]
    [InlineData("C:AUTH LOGIN|S:334 a|C~", "", 12_289, "command-line-too-long")]
    [InlineData("C:AUTH LOGIN|S:334 a|C~", "", 12_288, "")]
    [InlineData("C~NOOP ", "", 508, "command-line-too-long")]
    [InlineData("C~NOOP ", "", 507, "")]
    [InlineData("C~MAIL ", "", 2_044, "command-line-too-long")]
    [InlineData("C~MAIL ", "", 2_043, "")]
    [InlineData("C:NOOP|S~250 ", "", 509, "reply-line-too-long")]
    [InlineData("C:NOOP|S~250 ", "", 508, "")]
    public void Line_OfSoManyOctets_IsTooLongOrNot(string before, string after, int octets, string anomalies)
    {
        var (record, _) = Talk.Play(Talk.Read(Talk.Hello + before + new string('x', octets - 2) + "\r\n|" + after), Talk.Whole);
        Assert.Equal(anomalies, string.Join(' ', record.Anomalies.Split(' ')
            .Where(static a => a.EndsWith("too-long", StringComparison.Ordinal))));
    }
}
