namespace SmtpProxy.Telemetry;

/// <summary>How many series an instrument may have, worked out from the configured listeners and relays. Codes are an open set that relays choose;
/// the limit keeps a hostile or broken one from filling memory, and the overflow series shows that it was met.</summary>
internal static class SeriesLimit
{
    /// <summary>Room for the pairs of operation and code that one relay shows through one listener in practice, several times over.</summary>
    private const int PerRelay = 500;

    private const int Least = 2_000;
    private const int Most = 100_000;

    public static int Of(IConfiguration configuration)
    {
        var configured = configuration.GetValue(TelemetryOptions.Section + ":CardinalityLimit", 0);
        if (configured > 0)
        {
            return configured;
        }

        var listeners = configuration.GetSection("SmtpProxy:Listeners").GetChildren().Count();
        var destinations = configuration.GetSection("ReverseProxy:Clusters").GetChildren()
            .Sum(static c => c.GetSection("Destinations").GetChildren().Count());
        return (int)Math.Clamp((long)Math.Max(1, listeners) * (destinations + 1) * PerRelay, Least, Most);
    }
}
