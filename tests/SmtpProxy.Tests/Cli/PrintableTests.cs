using SmtpProxy.Cli.Output;

namespace SmtpProxy.Tests.Cli;

/// <summary>No text of others moves a terminal's cursor, forges a line, or reads otherwise than it is.</summary>
public sealed class PrintableTests
{
    [Theory]
    [InlineData("CN=mx.example.org", "CN=mx.example.org")]
    [InlineData("gr\u00fc\u00dfe \ud83d\ude00", "gr\u00fc\u00dfe \ud83d\ude00")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("a\u001b[2Jb", "a\\x1b[2Jb")]
    [InlineData("a\r\nb\tc\0", "a\\x0d\\x0ab\\x09c\\x00")]
    [InlineData("\u007f\u0085\u009b", "\\x7f\\x85\\x9b")]
    [InlineData("a\u2028b\u2029c", "a\\u2028b\\u2029c")]
    [InlineData("a\u202eb\u2066c\u200f\u061cd", "a\\u202eb\\u2066c\\u200f\\u061cd")]
    [InlineData("\u200b\ufeff\u00ad", "\\u200b\\ufeff\\xad")]
    public void Of_TextOfOthers_HasNothingThatATerminalObeys(string? text, string printable) => Assert.Equal(printable, Printable.Of(text));

    [Fact]
    public void Lines_TextOfOurOwn_KeepsItsLines() => Assert.Equal("a\nb\r\nc\\x0dd\\x1b", Printable.Lines("a\nb\r\nc\rd\u001b"));

    [Fact]
    public void Json_WithTextOfOthers_MeansTheSame_AndHasNothingThatATerminalObeys()
    {
        const string Text = "a\u202eb\u00adc\u0085\u001b\u2028\"\\";
        var json = Printable.Json(System.Text.Json.JsonSerializer.Serialize(Text, SmtpProxy.Cli.Output.Json.Lines));
        Assert.All(json, static c => Assert.InRange(c, ' ', '~'));
        Assert.Equal(Text, System.Text.Json.JsonSerializer.Deserialize<string>(json));
        Assert.Equal("{\n  \"a\": 1\n}", Printable.Json("{\n  \"a\": 1\n}"));
    }

    [Fact]
    public void Of_EveryControlCharacter_IsGone()
    {
        for (var c = 0; c <= 0xFFFF; c++)
        {
            var shown = Printable.Of(((char)c).ToString());
            Assert.DoesNotContain(shown, static s => char.IsControl(s) || char.IsSurrogate(s) || s is '\u2028' or '\u2029');
        }
    }
}
