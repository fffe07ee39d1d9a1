using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Logs;

/// <summary>What the recipes of <c>deploy/logs</c> and the dashboard of logs read is what the product writes.</summary>
public sealed partial class RecipeFieldsTests
{
    private static readonly string Recipes = Path.Combine(SourceFolder.Root, "deploy", "logs");
    private static readonly string Dashboard = Path.Combine(SourceFolder.Root, "dashboards", "logs", "logs.json");

    [Fact]
    public async Task Field_OfEachRecipe_IsOneThatTheProductWrites()
    {
        var lines = await LinesAsync();
        var (journal, log, start) = (lines.Single(IsJournal), lines.First(IsLog), lines.First(static l => !IsJournal(l) && !IsLog(l)));
        Assert.Contains("\"event_name\"", start, StringComparison.Ordinal);
        var written = new[] { journal, log, start }.SelectMany(static l => PathsOf(JsonElement.Parse(l), "")).ToHashSet();

        foreach (var (file, pattern, least) in new[]
        {
            ("vector.yaml", VectorField(), 15), ("fluent-bit.yaml", FluentBitField(), 5), ("smtpproxy.alloy", AlloyField(), 6),
        })
        {
            var read = FieldsOf(pattern, await File.ReadAllTextAsync(Path.Combine(Recipes, file)));
            Assert.True(read.Count >= least, $"{file}: only {string.Join(", ", read)}");
            Assert.Subset(written, read);
        }

        var queries = (await QueriesAsync()).ToArray();
        Assert.Equal(5, queries.Length);
        Assert.Subset(written, FieldsOf(QueryField(), string.Join('\n', queries)));
    }

    [Fact]
    public async Task Kind_OfALine_IsToldByWhatTheRecipesAskFor()
    {
        var lines = await LinesAsync();
        // Alloy looks for texts in the line.
        Assert.All(lines, static line => Assert.False(IsJournal(line) && IsLog(line), line));
        var alloy = await File.ReadAllTextAsync(Path.Combine(Recipes, "smtpproxy.alloy"));
        string[] asked = [.. from Match m in Selected().Matches(alloy)
            select m.Groups[1].Value.Replace("\\", "", StringComparison.Ordinal)];
        Assert.Equal(["\"exchanges\":", "\"severity_text\":"], asked);
        // Fluent Bit asks rule after rule, of texts that a client may have said too.
        var rules = TagRule().Matches(await File.ReadAllTextAsync(Path.Combine(Recipes, "fluent-bit.yaml")))
            .Select(static m => (Asked: new Regex(m.Groups[1].Value), Tag: m.Groups[2].Value)).ToArray();
        string TagOf(string line) => rules.FirstOrDefault(r => r.Asked.IsMatch(line)).Tag ?? "journal";
        Assert.All(lines, line => Assert.Equal(IsJournal(line) ? "journal" : IsLog(line) ? "log" : "start", TagOf(line)));
        Assert.Equal("journal", TagOf(lines.Single(IsJournal)
            .Replace("421 ", "421 {\"timestamp\":1,\"severity_text\":", StringComparison.Ordinal)));
        // The times are what the formats of the recipes read: RFC 3339 with milliseconds, in UTC.
        Assert.All(lines, static line => Assert.True(DateTime.TryParseExact(
            JsonElement.Parse(line).TryGetProperty("time", out var t)
                ? t.GetString() : JsonElement.Parse(line).GetProperty("timestamp").GetString(),
            "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _), line));
    }

    [SkippableFact]
    public async Task Query_OfTheDashboardAndOfTheDocumentation_IsOneByTheGrammarOfLoki()
    {
        var node = PeerTool.Require("node");
        var modules = PeerTool.RequireUnpacked(Path.Combine("logs", "node_modules"));
        var documented = from page in new[] { "telemetry.md", "logs.md" }
                         from Match block in QueryBlock().Matches(File.ReadAllText(Path.Combine(SourceFolder.Root, "docs", page)))
                         from line in block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                         select line;
        var queries = (await QueriesAsync()).Concat(documented).ToArray();
        Assert.InRange(queries.Length, 8, 100);
        var script = Path.Combine(SourceFolder.Root, "tests", "SmtpProxy.FunctionalTests", "Logs", "logql.mjs");
        Assert.Equal("", await Command.SucceedAsync(node, [script, modules], string.Join('\n', queries)));
        Assert.NotEqual("", await Command.SucceedAsync(node, [script, modules], queries[0].Replace('(', ' ')));
    }

    /// <summary>Everything that a proxy prints as JSON of one session that went wrong: no relay listens.</summary>
    private static async Task<string[]> LinesAsync()
    {
        await using var proxy = ProxyProcess.Begin("--listen", "127.0.0.1:0", "--relay", "smtp://127.0.0.1:1", "--admin",
            "http://127.0.0.1:0",
            "--journal", "-", "--Logging:Console:FormatterName=json");
        var open = await proxy.Output.AwaitAsync(static line => line.Contains("\"listening\"", StringComparison.Ordinal), 1);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPEndPoint.Parse(JsonElement.Parse(open[0]).GetProperty("body").GetString()!.Split(' ')[2]));
            using var reader = new StreamReader(client.GetStream());
            Assert.StartsWith("421 ", await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience), StringComparison.Ordinal);
        }

        await proxy.Output.AwaitAsync(IsJournal, 1);
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        return [.. proxy.Output.SoFar, .. proxy.Errors.SoFar];
    }

    private static bool IsJournal(string line) => line.Contains("\"exchanges\":", StringComparison.Ordinal);

    private static bool IsLog(string line) => line.Contains("\"severity_text\":", StringComparison.Ordinal);

    private static IEnumerable<string> PathsOf(JsonElement element, string before) =>
        element.ValueKind != JsonValueKind.Object ? [] : element.EnumerateObject().SelectMany(member =>
            PathsOf(member.Value, $"{before}{member.Name}.").Prepend(before + member.Name));

    private static HashSet<string> FieldsOf(Regex pattern, string text) =>
        [.. from Match match in pattern.Matches(text) select match.Groups["field"].Value];

    /// <summary>The queries of each panel, with a time where Grafana puts one.</summary>
    private static async Task<IEnumerable<string>> QueriesAsync()
    {
        var panels = JsonElement.Parse(await File.ReadAllTextAsync(Dashboard)).GetProperty("panels").EnumerateArray();
        return from panel in panels
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString()!.Replace("$__auto", "5m", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\bline\.(?<field>[a-z_]+(\.[a-z_]+)*)")]
    private static partial Regex VectorField();

    [GeneratedRegex(@"\$(?!log )(?<field>[a-z_]+)|time_key: (?<field>\w+)|\$log (?<field>\w+)")]
    private static partial Regex FluentBitField();

    [GeneratedRegex(@"(?<=expressions = \{[^}]*= )""(?<field>[a-z_.]+)""")]
    private static partial Regex AlloyField();

    [GeneratedRegex(@"(?<=\| json [^|\n]*=)""(?<field>[a-z_.]+)""")]
    private static partial Regex QueryField();

    [GeneratedRegex(@"\|= \\""(.*)\\""""$", RegexOptions.Multiline)]
    private static partial Regex Selected();

    [GeneratedRegex(@"rule: \$log (\S+) smtpproxy\.(\w+) false")]
    private static partial Regex TagRule();

    [GeneratedRegex("```logql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex QueryBlock();
}
