using System.Text.RegularExpressions;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Tests.Faults;

/// <summary>docs/faults.md says what the descriptions in the code say. When a description changes, the failing
/// test shows the new text.</summary>
public sealed class FaultsPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Faults", "faults.md"))
        .ReplaceLineEndings("\n");

    [Fact]
    public void Rules_AreThoseDescribed() => Assert.Equal(FaultsPage.Rules().Trim(), Section("rules"));

    [Fact]
    public void Actions_AreThoseDescribed() => Assert.Equal(FaultsPage.Actions().Trim(), Section("actions"));

    [Fact]
    public void Presets_AreThoseThatThereAre() => Assert.Equal(FaultsPage.Presets().Trim(), Section("presets"));

    [Fact]
    public void Points_AreAllExplained() =>
        Assert.All(RuleFields.Points, static point => Assert.Contains($"| `{point}` |", Page, StringComparison.Ordinal));

    private static string Section(string name)
    {
        var (from, to) = ($"<!-- {name} -->\n", $"<!-- end of {name} -->");
        var start = Page.IndexOf(from, StringComparison.Ordinal) + from.Length;
        // What Postfix does was observed; the functional test that observes it checks it.
        return Regex.Replace(Page[start..Page.IndexOf(to, StringComparison.Ordinal)], "<!-- postfix -->\n.*?<!-- end of postfix -->\n", "",
            RegexOptions.Singleline).Trim();
    }
}
