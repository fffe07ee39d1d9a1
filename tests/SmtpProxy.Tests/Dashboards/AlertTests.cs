using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Dashboards;

/// <summary>Alerts speak of what the product exports, and each has a runbook and cases for and against it.</summary>
public sealed partial class AlertTests
{
    private static readonly string Rules = ObservabilityFiles.Prometheus("alerts.yml");

    public static TheoryData<string> Alerts => [.. Alert().Matches(Rules).Select(static m => m.Groups[1].Value)];

    [Fact]
    public void Alerts_OfTheDesign_AreThere() => Assert.Superset(
        new HashSet<string>
        {
            "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", "ErrorBudgetBurnTicket", "LatencyBudgetBurn", "ClusterDown", "RelayDown",
                "ClusterHanging", "RelayHanging", "MailDiscarded", "RelayTrustsProxy", "AllConnectsFailing", "NoTraffic",
            "PermfailSurge", "GreetingSlow", "TooManyConnections", "AuthFailureSurge", "SessionsNearLimit", "OutOfRoom",
            "ProxyOverheadHigh", "TlsCertificateExpiring", "TlsHandshakeFailures",
            "OpaqueShareJump", "LeftTracking", "JournalIncomplete", "ExportFailing", "CapabilityLost", "DuplicateRisk",
            "FaultsArmedTooLong", "MetricOverflow", "ProxyAbsent", "ProxyRestarting",
        },
        Alert().Matches(Rules).Select(static m => m.Groups[1].Value).ToHashSet());

    [Fact]
    public void Rules_EveryNameInThem_IsOneOfTheProduct() => Assert.Empty(
        Expression().Matches(Rules + ObservabilityFiles.Prometheus("recording.yml"))
            .SelectMany(static m => ObservabilityFiles.Unknown(m.Groups[1].Value)));

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Alert_Each_HasARunbookAndACaseForAndAgainst(string alert)
    {
        var runbook = Path.Combine(ObservabilityFiles.Runbooks, alert + ".md");
        Assert.True(File.Exists(runbook), $"docs/runbooks/{alert}.md is missing");
        var page = File.ReadAllText(runbook);
        Assert.Contains("## What it means", page, StringComparison.Ordinal);
        Assert.Contains("## What to do", page, StringComparison.Ordinal);
        Assert.Contains($"docs/runbooks/{alert}.md", Rules, StringComparison.Ordinal);
        var cases = ObservabilityFiles.Prometheus("alerts.test.yml") + ObservabilityFiles.Prometheus("alerts.days.test.yml");
        Assert.Contains($"name: {alert} fires", cases, StringComparison.Ordinal);
        Assert.Contains($"name: {alert} stays quiet", cases, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Runbook_EachDiagnosisItNames_IsExplained(string alert)
    {
        var explained = File.ReadAllText(Path.Combine(ObservabilityFiles.Runbooks, "..", "diagnosis.md"));
        foreach (Match link in Diagnosis().Matches(File.ReadAllText(Path.Combine(ObservabilityFiles.Runbooks, alert + ".md"))))
        {
            Assert.Contains($"\n## {link.Groups[1].Value}\n", explained, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"expr: \|\n((?: {10}.*\n)+)")]
    private static partial Regex Expression();

    [GeneratedRegex(@"diagnosis\.md#(\w+)")]
    private static partial Regex Diagnosis();
}
