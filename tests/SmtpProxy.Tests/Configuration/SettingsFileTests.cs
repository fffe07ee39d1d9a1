using System.Text;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Tests.Configuration;

public sealed class SettingsFileTests
{
    [Fact]
    public void Read_EveryKindOfValue_IsTextUnderItsKey()
    {
        var settings = SettingsFile.Read("f",
            ("{ \"A\": { \"B\": \"x\", \"C\": 0.50, \"D\": true },\n // said why\n \"E\": [ \"y\", { \"F\": false } ], \"G:H\": null, "u8 +
                "\"I\": {}, \"J\": [], }"u8).ToArray(), out var problems);
        Assert.Empty(problems);
        Assert.Equal(
            ["A:B=x", "A:C=0.50", "A:D=True", "E:0=y", "E:1:F=False", "G:H=-", "I=-", "J="],
            settings.Select(static s => $"{s.Key}={s.Value ?? "-"}"));
        Assert.Equal("(set in f, line 3)", settings[3].Origin.ToString());
    }

    [Fact]
    public void Read_AByteOrderMark_IsNothing() =>
        Assert.Equal("b", Assert.Single(SettingsFile.Read("f", [0xEF, 0xBB, 0xBF, .. "{ \"A\": \"b\" }"u8], out _)).Value);

    [Theory]
    [InlineData("", "f: is empty; write {} for no settings")]
    [InlineData(" \n", "f: is empty; write {} for no settings")]
    [InlineData("[1]", "f: line 1: is not an object; write { \"SmtpProxy\": { … } }")]
    [InlineData("{\n \"A\": {\n", "f: line 3, column 1: the file ends too early; a } or ] is missing")]
    [InlineData("{ \"A\": { \"B\": 2 }, ", "f: line 1, column 20: the file ends too early")]
    [InlineData("{\n \"Ä\": thunter2 }", "f: line 2, column 8: here a value is expected; text needs quotes")]
    [InlineData("{\n \"Ä\": hunter2 }", "f: line 2, column 7: here a value is expected; text needs quotes")]
    [InlineData("{ hunter2: 1 }", "f: line 1, column 3: here a name in quotes is expected")]
    [InlineData("{ \"A\": 1 \"B\": 2 }", "f: line 1, column 10: is not JSON: ")]
    [InlineData("{ \"A\": 1 } }", "f: line 1, column 12: is not JSON: ")]
    [InlineData("{\n \"A\": \"\\ud802\" }", "f: line 2: an escape from \\uD800 to \\uDFFF stands alone; write the character itself")]
    [InlineData("{ \"\\udc00\": 1 }", "f: line 1: an escape from \\uD800 to \\uDFFF stands alone; write the character itself")]
    [InlineData("{ \"A\": \"hunter2\n\" }", "f: line 1, column 16: is not JSON: ")]
    public void Read_WhatIsNotJson_IsTold_WithLineAndColumn_WithoutTheText(string text, string problem)
    {
        Assert.Empty(Problems(Encoding.UTF8.GetBytes(text), out var wrong));
        Assert.StartsWith(problem, wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("BytePosition", wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"A\": { \"B\": 1,\n \"b\": 2 } }", "f: line 2: A:b is there twice, first in line 1; remove one of them")]
    [InlineData("{ \"A\": {},\n \"A\": { \"B\": 1 } }", "f: line 2: A is there twice, first in line 1; remove one of them")]
    [InlineData("{ \"A\": { \"B\": 1 },\n\n \"A:B\": 2 }", "f: line 3: A:B is there twice, first in line 1; remove one of them")]
    public void Read_AKeyTwice_IsToldWithBothLines(string text, string problem)
    {
        _ = Problems(Encoding.UTF8.GetBytes(text), out var wrong);
        Assert.Equal(problem, wrong);
    }

    [Fact]
    public void Read_WhatIsNotUtf8_SaysWhatToDo()
    {
        _ = Problems(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{}")).ToArray(), out var wrong);
        Assert.Equal("f: is UTF-16; save it as UTF-8", wrong);
        _ = Problems([.. "{\n\"A\": \""u8, 0xE4, .. "\" }"u8], out wrong);
        Assert.Equal("f: line 2: is not UTF-8; save it as UTF-8", wrong);
    }

    private static IReadOnlyList<Setting> Problems(byte[] octets, out string problem)
    {
        var settings = SettingsFile.Read("f", octets, out var problems);
        problem = Assert.Single(problems).Text;
        return problems.Count > 0 ? [] : settings;
    }
}
