using SmtpProxy.Codes;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Telemetry.Export;

/// <summary>How many series an instrument may have, worked out from the configured listeners and relays. Codes are an open set that relays
/// choose; the limit keeps a hostile or broken one from filling memory, and the overflow series shows that it was met.</summary>
/// <remarks>The SDK reserves the room of an instrument at once, so those without codes get little.</remarks>
internal sealed class SeriesLimit
{
    /// <summary>Series of an instrument that is not the product's: routes of the admin side by their results are the most. The SDK
    /// would make room for 2,000 of each: 4 MB in all, in arrays that the collector calls large.</summary>
    public const int OfOthers = 400;

    private const int Most = 100_000;
    private readonly int _configured;
    private readonly long _ways;

    public SeriesLimit(IConfiguration configuration)
    {
        _configured = configuration.GetValue(TelemetryOptions.Section + ":CardinalityLimit", 0);
        var destinations = configuration.GetSection("ReverseProxy:Clusters").GetChildren().ToDictionary(static c => c.Key,
            static c => c.GetSection("Destinations").GetChildren().Count(), StringComparer.OrdinalIgnoreCase);
        // From a listener to each relay of its cluster, and one where no relay was picked.
        _ways = Math.Max(1, configuration.GetSection("SmtpProxy:Listeners").GetChildren()
            .Sum(l => 1L + destinations.GetValueOrDefault(l["Cluster"] ?? "")));
    }

    /// <summary>Returns the limit of an instrument.</summary>
    public int For(string instrument) => _configured > 0 ? _configured : instrument switch
    {
        // Several times the pairs of operation and code that a relay shows in practice.
        "smtpproxy.operation.duration" or "smtpproxy.replies" or "smtpproxy.replies.enhanced" => Clamp(_ways * 500, 2_000),
        // Every diagnosis of every way exists from the start.
        "smtpproxy.diagnoses" => Clamp(_ways * 2 * Catalogue.Diagnoses.Count, 200),
        _ => Clamp(_ways * 50, 200),
    };

    private static int Clamp(long series, int least) => (int)Math.Clamp(series, least, Most);
}
