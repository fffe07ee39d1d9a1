using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Dashboards;

/// <summary>What all dashboards have in common, so that seven files read as one.</summary>
public sealed partial class DashboardRuleTests
{
    public static TheoryData<string> Files => [.. ObservabilityFiles.Dashboards.Keys.Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Number_Each_IsOfNow(string file) => Assert.All(
        Of(file, "stat").SelectMany(static p => p.GetProperty("targets").EnumerateArray()),
        // Over a range, the last value of a proxy that is dead would stay on the screen as if it were one of now.
        static target => Assert.True(target.GetProperty("instant").GetBoolean(), target.GetProperty("expr").GetString()));

    /// <summary>A rate looks back, and the last minute of a dead proxy would stay on the screen as if it were now.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Number_OfARate_EndsWithItsProxy(string file) => Assert.All(
        Of(file, "stat").SelectMany(ObservabilityFiles.Expressions),
        static expression => Assert.DoesNotMatch(@"\brate\([^)]*\)(?! and on \(job, instance\) smtpproxy_build_info)", expression));

    /// <summary>A panel without data cannot know whether there was nothing or nobody looked.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void WordForNothing_Each_IsTrueOfAProxyThatIsDeadToo(string file) => Assert.All(
        ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]),
        static panel =>
        {
            var word = Defaults(panel).GetProperty("noValue").GetString()!;
            Assert.True(
                word == "unknown"
                || (word.EndsWith(", or no proxy scraped", StringComparison.Ordinal) && panel.GetProperty("type").GetString() != "stat"),
                $"{panel.GetProperty("title")}: {word}");
        });

    /// <summary>Not a number where there was no traffic: a word is shown for it, and the last value is taken as it is.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Number_ThatMayBeNone_HasAWordForThat(string file) => Assert.All(
        Of(file, "stat")
            .Where(static p => ObservabilityFiles.Expressions(p).Any(static e => e.Contains(" NaN * ", StringComparison.Ordinal))),
        static panel =>
        {
            Assert.Contains(
                Defaults(panel).GetProperty("mappings").EnumerateArray(),
                static m => m.GetProperty("type").GetString() == "special"
                    && m.GetProperty("options").GetProperty("match").GetString() == "nan");
            var calcs = panel.GetProperty("options").GetProperty("reduceOptions").GetProperty("calcs").EnumerateArray();
            Assert.Equal("last", Assert.Single(calcs).GetString());
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void Number_OverDays_IsUnknownOfProxiesThatAreDead(string file) => Assert.All(
        Of(file, "stat").SelectMany(ObservabilityFiles.Expressions).Where(static e => Days().IsMatch(e)),
        // What was counted before they died is there for days.
        static expression => Assert.EndsWith(" and on () count(smtpproxy_build_info{job=~\"$job\"})", expression,
            StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Mean_InALegend_IsOverTheTimesOfNothingToo(string file) => Assert.All(
        Of(file, "timeseries").SelectMany(ObservabilityFiles.Expressions),
        // A filter by value at each moment takes the zeros away, and one event in an hour would have the mean of its minute.
        // Filter by what the whole range has.
        static expression => Assert.DoesNotMatch(@"^(topk\(\d+, )?sum by \([^)]*\) \([^@/]*\) > 0\)?$", expression));

    [Theory]
    [MemberData(nameof(Files))]
    public void Silence_IsNeverDrawnAsAValue(string file) => Assert.All(
        ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]).SelectMany(ObservabilityFiles.Expressions),
        // Inside a share it stands for "none of those"; behind an expression it would be a series that nobody has measured.
        static expression => Assert.DoesNotMatch(@" or (on\(\) )?(label_replace\()*vector\(\w+\)[^/]*$", expression));

    [Theory]
    [MemberData(nameof(Files))]
    public void Rate_Each_SaysWhatItCounts(string file) =>
        Assert.All(ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]), static panel =>
        Assert.DoesNotContain(Defaults(panel).GetProperty("unit").GetString(), (string[])["ops", "mps", "short", "cps", "reqps"]));

    [Theory]
    [MemberData(nameof(Files))]
    public void Legend_OfATable_IsSorted(string file) => Assert.All(
        Of(file, "timeseries").Select(static p => p.GetProperty("options").GetProperty("legend"))
            .Where(static l => l.GetProperty("displayMode").GetString() == "table"),
        static legend =>
        {
            Assert.True(legend.GetProperty("sortDesc").GetBoolean());
            Assert.Contains(legend.GetProperty("sortBy").GetString(), (string[])["Mean", "Max"]);
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void Line_Each_JoinsOnlyWhatWasMeasured(string file) =>
        Assert.All(Of(file, "timeseries").Select(static p => Defaults(p).GetProperty("custom")), static custom =>
    {
        Assert.Equal("linear", custom.GetProperty("lineInterpolation").GetString());
        Assert.False(custom.GetProperty("spanNulls").GetBoolean());
    });

    [Theory]
    [MemberData(nameof(Files))]
    public void Title_Each_FitsItsPanelOnASmallScreen(string file) =>
        Assert.All(ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]), static panel =>
    {
        // Of 1280 pixels a column has 52, a letter about 8; the edges and the sign of a description take 70.
        var letters = (panel.GetProperty("gridPos").GetProperty("w").GetInt32() * 6) - 8;
        Assert.True(panel.GetProperty("title").GetString()!.Length <= letters, panel.GetProperty("title").GetString());
    });

    [Theory]
    [MemberData(nameof(Files))]
    public void Row_BelowTheFirstScreens_IsCollapsed(string file) =>
        Assert.All(ObservabilityFiles.Rows(ObservabilityFiles.Dashboards[file]), static row =>
    {
        const int TwoScreens = 40;
        Assert.True(row.GetProperty("collapsed").GetBoolean() || row.GetProperty("gridPos").GetProperty("y").GetInt32() < TwoScreens,
            row.GetProperty("title").GetString());
    });

    [Theory]
    [MemberData(nameof(Files))]
    public void RecordedSeries_Each_IsRecordedWithTheLabelsThatAreAskedFor(string file)
    {
        var recorded = Rule().Matches(ObservabilityFiles.Prometheus("recording.yml"))
            .ToDictionary(static m => m.Groups[1].Value, static m => m.Groups[2].Value.Split(", "));
        foreach (var expression in ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file])
            .SelectMany(ObservabilityFiles.Expressions))
        {
            foreach (Match selector in Recorded().Matches(expression))
            {
                Assert.True(recorded.TryGetValue(selector.Groups[1].Value, out var labels), $"{selector.Groups[1].Value} is not recorded");
                Assert.Empty(Label().Matches(selector.Groups[2].Value).Select(static m => m.Groups[1].Value).Except(labels));
            }
        }
    }

    /// <summary>A rate looks back over five minutes, in which a dead proxy would still send mail.</summary>
    [Fact]
    public void RecordedRate_OfAProxyThatIsDead_EndsWithIt()
    {
        var rates = RateOfAProxy().Matches(ObservabilityFiles.Prometheus("recording.yml"));
        Assert.NotEmpty(rates);
        Assert.All(rates, static r => Assert.EndsWith(" and on (job, instance) smtpproxy_build_info", r.Value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("overview.json")]
    [InlineData("relay-detail.json")]
    [InlineData("reply-codes.json")]
    [InlineData("faults.json")]
    [InlineData("tls.json")]
    public void RatesOfRelays_WithoutExemplars_AreReadRecorded(string file) => Assert.Contains(
        ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]).SelectMany(ObservabilityFiles.Expressions), static e =>
            Recorded().IsMatch(e));

    [Fact]
    public void RelayDetail_OpensOnOneRelay() => Assert.All(
        ObservabilityFiles.Dashboards["relay-detail.json"].GetProperty("templating").GetProperty("list").EnumerateArray()
            .Where(static v => v.GetProperty("name").GetString() is "cluster" or "destination"),
        static variable =>
        {
            Assert.False(variable.GetProperty("multi").GetBoolean());
            Assert.False(variable.GetProperty("includeAll").GetBoolean());
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void StateOfARelay_OverSeveralProxies_ShowsThatOneLostIt(string file) => Assert.All(
        ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]).SelectMany(ObservabilityFiles.Expressions),
        static expression => Assert.DoesNotMatch(@"(min|max)( by \([^)]*\))? ?\(smtpproxy_upstream_up", expression));

    /// <summary>What a relay offers in the clear and what it offers inside TLS differ by right: STARTTLS is never offered in TLS.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Capabilities_InTheClearAndInTls_AreToldApart(string file) => Assert.All(
        ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]).SelectMany(ObservabilityFiles.Expressions)
            .Where(static e => e.Contains("smtpproxy_capability_present", StringComparison.Ordinal)),
        static expression => Assert.Contains("smtpproxy_channel", expression, StringComparison.Ordinal));

    private static IEnumerable<JsonElement> Of(string file, string type) =>
        ObservabilityFiles.Panels(ObservabilityFiles.Dashboards[file]).Where(p => p.GetProperty("type").GetString() == type);

    private static JsonElement Defaults(JsonElement panel) => panel.GetProperty("fieldConfig").GetProperty("defaults");

    [GeneratedRegex(@"record: (\S+)\n.*\n\s+sum by \(([^)]*)\)")]
    private static partial Regex Rule();

    [GeneratedRegex(@"(smtpproxy:[a-z0-9_:]+)\{([^}]*)\}")]
    private static partial Regex Recorded();

    [GeneratedRegex(@"sum by \(job, instance,.*")]
    private static partial Regex RateOfAProxy();

    [GeneratedRegex(@"([a-z_]+)(?:=~|!~|!=|=)")]
    private static partial Regex Label();

    [GeneratedRegex(@"\[\d+d\]")]
    private static partial Regex Days();
}
