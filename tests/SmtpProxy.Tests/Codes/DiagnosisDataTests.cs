using System.Text.RegularExpressions;
using SmtpProxy.Codes;

namespace SmtpProxy.Tests.Codes;

public sealed class DiagnosisDataTests
{
    [Fact]
    public void Diagnoses_AreThoseOfTheEnum_InItsOrder() => Assert.Equal(
        Enum.GetNames<Diagnosis>().Select(static name => Regex.Replace(name, "(?<=[a-z])(?=[A-Z0-9])", "_").ToLowerInvariant()),
        Catalogue.Diagnoses.Select(static entry => entry.Code));

    [Fact]
    public void Diagnoses_AllOfThem_AreWhole() => Assert.All(Catalogue.Diagnoses, static entry =>
    {
        Assert.All((string[])[entry.Title, entry.Text, entry.Remedy], static text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.Contains(entry.Side, (string[])["client", "relay", "network", "proxy", "unknown"]);
    });

    [Fact]
    public void Documentation_IsTheData()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Codes", "diagnosis.md"));
        Assert.Equal(DiagnosisPage.Render().ReplaceLineEndings("\n"), page.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("550 5.7.26 x DMARC policy", "domain_authentication_failed")]
    [InlineData("550 5.7.1 no", "unclear")]
    public void Line_Pasted_IsDiagnosed(string line, string diagnosis)
    {
        var answer = Catalogue.Find(line)!;

        Assert.Equal(diagnosis, answer.Diagnosis!.Code);
        Assert.Equal(diagnosis == "unclear", answer.Diagnosis.Candidates.Count > 0);
        Assert.Contains(diagnosis, CodeText.Render([answer], 100), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("550")]
    [InlineData("5.7.26")]
    [InlineData("250 2.1.5 Ok")]
    public void Line_ThatIsNoRefusal_HasNoDiagnosis(string line) => Assert.Null(Catalogue.Find(line)!.Diagnosis);
}
