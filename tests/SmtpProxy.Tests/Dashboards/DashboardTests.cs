using System.Text.Json;

namespace SmtpProxy.Tests.Dashboards;

/// <summary>Dashboards speak of what the product exports, and every panel says what it means.</summary>
public sealed class DashboardTests
{
    public static TheoryData<string> Files => [.. ObservabilityFiles.Dashboards.Keys.Order()];

    [Fact]
    public void Dashboards_AreThoseOfTheDesign() => Assert.Equal(
        ["faults.json", "overview.json", "phases.json", "protocol-hygiene.json", "relay-detail.json", "reply-codes.json", "tls.json"],
        ObservabilityFiles.Dashboards.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Dashboard_EveryNameInItsQueries_IsOneOfTheProduct(string file)
    {
        var dashboard = ObservabilityFiles.Dashboards[file];
        var expressions = ObservabilityFiles.Panels(dashboard).SelectMany(static p => p.GetProperty("targets").EnumerateArray())
            .Concat(dashboard.GetProperty("annotations").GetProperty("list").EnumerateArray())
            .Select(static e => e.GetProperty("expr").GetString()!)
            .Concat(dashboard.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Where(static v => v.GetProperty("type").GetString() == "query")
                .Select(static v => v.GetProperty("definition").GetString()!))
            .ToArray();
        Assert.NotEmpty(expressions);
        Assert.Empty(expressions.SelectMany(ObservabilityFiles.Unknown));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Panel_Each_HasUnitDescriptionAndAWordForNothing(string file) =>
        Assert.All(ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]), static panel =>
    {
        var defaults = panel.GetProperty("fieldConfig").GetProperty("defaults");
        Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("title").GetString()));
        Assert.True(panel.GetProperty("description").GetString()!.Length > 20,
            $"{panel.GetProperty("title")}: say what it means and what to do");
        Assert.False(string.IsNullOrEmpty(defaults.GetProperty("unit").GetString()), $"{panel.GetProperty("title")}: no unit");
        Assert.False(string.IsNullOrEmpty(defaults.GetProperty("noValue").GetString()),
            $"{panel.GetProperty("title")}: no word for nothing");
    });

    [Theory]
    [MemberData(nameof(Files))]
    public void Panel_Each_HasAnIdOfItsOwnAndAPlaceOfItsOwn(string file)
    {
        var all = ObservabilityFiles.Dashboards[file].GetProperty("panels").EnumerateArray().ToArray();
        var ids = ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file])
            .Concat(ObservabilityFiles.Rows(ObservabilityFiles.Dashboards[file]))
            .Select(static p => p.GetProperty("id").GetInt32()).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        var cells = all.Select(static p => p.GetProperty("gridPos")).SelectMany(static g =>
            from x in Enumerable.Range(Of(g, "x"), Of(g, "w"))
            from y in Enumerable.Range(Of(g, "y"), Of(g, "h"))
            select (x, y)).ToArray();
        Assert.Equal(cells.Length, cells.Distinct().Count());
        Assert.All(cells, static c => Assert.InRange(c.x, 0, 23));

        static int Of(JsonElement grid, string name) => grid.GetProperty(name).GetInt32();
    }

    [Fact]
    public void Overview_ItsFirstScreen_AnswersWhetherMailFlows()
    {
        const int RowsOfAScreen = 20;
        var first = ObservabilityFiles.Panels(ObservabilityFiles.Dashboards["overview.json"])
            .Where(static p => p.GetProperty("gridPos").GetProperty("y").GetInt32()
                + p.GetProperty("gridPos").GetProperty("h").GetInt32() <= RowsOfAScreen)
            .Select(static p => p.GetProperty("title").GetString());
        Assert.Superset(
            new HashSet<string?> { "Proxies scraped", "Accepted", "Messages", "Deferred or lost", "Budget left, 30 d", "Relays up",
                "Transactions by outcome", "4xx and 5xx replies by code" },
            first.ToHashSet());
    }
}
