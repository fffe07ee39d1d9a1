using System.Globalization;
using System.Text.RegularExpressions;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>What <c>/metrics</c> says at one moment.</summary>
internal sealed partial class Metrics
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples;

    private Metrics(string text)
    {
        Text = text;
        _samples = [.. text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(Parse)];
    }

    /// <summary>As it was served.</summary>
    public string Text { get; }

    /// <summary>Reads them from a proxy.</summary>
    public static async Task<Metrics> ReadAsync(ProxyProcess proxy)
    {
        using var http = new HttpClient();
        return new Metrics(await http.GetStringAsync(new Uri(proxy.Admin, "/metrics")));
    }

    /// <summary>The sum over all series of a name whose labels are these.</summary>
    public double Sum(string name, params (string Label, string Value)[] labels) => _samples
        .Where(sample => sample.Name == name && labels.All(l => sample.Labels.TryGetValue(l.Label, out var value) && value == l.Value))
        .Sum(static sample => sample.Value);

    private static (string Name, Dictionary<string, string> Labels, double Value) Parse(string line)
    {
        var parts = Sample().Match(line);
        var labels = Label().Matches(parts.Groups[2].Value).ToDictionary(static m => m.Groups[1].Value, static m => m.Groups[2].Value);
        return (parts.Groups[1].Value, labels, double.Parse(parts.Groups[3].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("""^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)""")]
    private static partial Regex Sample();

    [GeneratedRegex("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Label();
}
