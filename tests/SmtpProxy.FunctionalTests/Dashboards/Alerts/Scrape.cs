using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>What Prometheus would have got from the product at one moment: each series with its value; nothing where the
/// product did not answer.</summary>
/// <param name="Series">By name and labels, as the product wrote them.</param>
/// <param name="At">When there was an answer.</param>
/// <param name="Took">How long it took, at some moment of which the values were read.</param>
/// <param name="IsUp">Whether there was an answer: the <c>up</c> of Prometheus.</param>
internal sealed partial record Scrape(IReadOnlyDictionary<string, double> Series, DateTime At, TimeSpan Took, bool IsUp)
{
    /// <summary>Asks for the format that Prometheus asks for.</summary>
    public static async Task<Scrape> OfAsync(ProxyProcess proxy)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Admin, "/metrics"));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text; version=1.0.0"));
        var asked = DateTime.UtcNow;
        try
        {
            using var response = await http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            var text = await response.Content.ReadAsStringAsync();
            var at = DateTime.UtcNow;
            var samples = text.Split('\n').Select(static line => Sample().Match(line)).Where(static m => m.Success);
            return new(samples.ToDictionary(static m => m.Groups[1].Value,
                static m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)), at, at - asked, true);
        }
        catch (HttpRequestException)
        {
            return new(new Dictionary<string, double>(), DateTime.UtcNow, TimeSpan.Zero, false);
        }
    }

    /// <summary>The sum over the series of a name.</summary>
    /// <param name="name">With its suffix.</param>
    /// <param name="having">What their labels contain.</param>
    public double Sum(string name, string having = "") =>
        Series.Where(s => NameOf(s.Key) == name && s.Key.Contains(having, StringComparison.Ordinal)).Sum(static s => s.Value);

    /// <summary>The name of a series.</summary>
    public static string NameOf(string series) => series.IndexOf('{', StringComparison.Ordinal) is var at and >= 0 ? series[..at] : series;

    /// <summary>Without an exemplar, which stands after a <c>#</c>.</summary>
    [GeneratedRegex("""^(smtpproxy_\w+(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)""")]
    private static partial Regex Sample();
}
