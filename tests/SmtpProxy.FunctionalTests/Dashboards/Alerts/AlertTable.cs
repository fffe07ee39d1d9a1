namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>The part of <c>docs/runbooks/README.md</c> that says what each alert was seen to do.</summary>
internal static class AlertTable
{
    /// <summary>Renders it.</summary>
    public static string Render(IEnumerable<AlertCase> cases) =>
        "| alert | fires when | silent while | healthy day | night |\n| --- | --- | --- | --- | --- |\n"
        + string.Concat(cases.Select(static c => $"| [{c.Alert}]({c.Alert}.md) | {c.Trouble} | {c.NearTo} | silent | silent |\n"));
}
