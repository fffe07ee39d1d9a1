using System.Globalization;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>
/// The share of traces that <c>OTEL_TRACES_SAMPLER</c> and <c>OTEL_TRACES_SAMPLER_ARG</c> ask for (OpenTelemetry specification, "General
/// SDK configuration"). Where they do, they decide alone. Sessions have no parent, so those that ask the parent first ask nobody.
/// </summary>
/// <param name="Share">Of all sessions, from 0 to 1.</param>
internal sealed record StandardSampler(double Share)
{
    private const string Variable = "OTEL_TRACES_SAMPLER";
    private const string Argument = "OTEL_TRACES_SAMPLER_ARG";
    private const string OfParent = "parentbased_";

    /// <summary>Reads the variables; null where they leave it to the proxy's own settings.</summary>
    public static StandardSampler? Read(IConfiguration configuration) => Kind(configuration) switch
    {
        "always_on" => new(1),
        "always_off" => new(0),
        "traceidratio" => Ratio(configuration) is { } ratio ? new(ratio) : null,
        _ => null,
    };

    /// <summary>What is wrong with the variables, with the name and the remedy; empty when all is well.</summary>
    public static IEnumerable<string> Check(IConfiguration configuration)
    {
        if (Kind(configuration) is not { } kind)
        {
            yield break;
        }

        if (kind is not ("always_on" or "always_off" or "traceidratio"))
        {
            yield return $"{Variable}: '{configuration[Variable]}' is not supported; the proxy knows always_on, always_off and " +
                $"traceidratio, each also as {OfParent}*. "
                + $"Unset it to let {TelemetryOptions.Section} decide, which keeps what went wrong";
        }
        else if (kind == "traceidratio" && Ratio(configuration) is null)
        {
            yield return $"{Argument}: '{configuration[Argument]}' is not a share from 0 to 1, such as 0.1";
        }
    }

    private static string? Kind(IConfiguration configuration) => configuration[Variable]?.Trim().ToLowerInvariant() is { Length: > 0 } given
        ? given.StartsWith(OfParent, StringComparison.Ordinal) ? given[OfParent.Length..] : given
        : null;

    private static double? Ratio(IConfiguration configuration) =>
        configuration[Argument] is not { Length: > 0 } given ? 1
        : double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio
        : null;
}
