namespace SmtpProxy.Telemetry.Export;

/// <summary>Whether and where one kind of telemetry is pushed, by the standard variables of OpenTelemetry. Nothing is
/// unless an endpoint is given.</summary>
internal sealed class OtlpSignal
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";
    private const string Disabled = "OTEL_SDK_DISABLED";
    private static readonly string[] Names = ["", "TRACES_", "METRICS_", "LOGS_"];

    /// <summary>Reads the variables of one kind.</summary>
    /// <param name="configuration">Where they are.</param>
    /// <param name="name"><c>TRACES</c>, <c>METRICS</c> or <c>LOGS</c>.</param>
    public OtlpSignal(IConfiguration configuration, string name)
    {
        Endpoint = Uri.TryCreate(configuration[$"{Prefix}{name}_ENDPOINT"], UriKind.Absolute, out var endpoint) ? endpoint : null;
        Protocol = configuration[$"{Prefix}{name}_PROTOCOL"];
        Headers = configuration[$"{Prefix}{name}_HEADERS"];
        var exporters = configuration[$"OTEL_{name}_EXPORTER"]?.Split(',', StringSplitOptions.TrimEntries);
        IsOn = (Endpoint is not null || !string.IsNullOrEmpty(configuration[Prefix + "ENDPOINT"]))
            && (exporters is null || exporters.Contains("otlp", StringComparer.OrdinalIgnoreCase))
            && !string.Equals(configuration[Disabled], "true", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Sees to it that the SDK does not hear <c>OTEL_SDK_DISABLED</c>: it would end <c>/metrics</c> too, which it serves, and
    /// which is the proxy's own. Call it when all signals have been read.</summary>
    public static void KeepSdk(IConfiguration configuration)
    {
        if (configuration[Disabled] is not null)
        {
            configuration[Disabled] = "false";
        }
    }

    /// <summary>What is wrong with the variables, each with its name and the remedy; empty when all is well.</summary>
    public static IEnumerable<string> Check(IConfiguration configuration)
    {
        if (configuration[Disabled] is { Length: > 0 } disabled && !bool.TryParse(disabled, out _))
        {
            yield return $"{Disabled}: '{disabled}' is not true or false";
        }

        foreach (var name in Names)
        {
            var (endpoint, protocol) = ($"{Prefix}{name}ENDPOINT", $"{Prefix}{name}PROTOCOL");
            if (configuration[endpoint] is { Length: > 0 } url
                && !(Uri.TryCreate(url, UriKind.Absolute, out var uri)
                    && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)))
            {
                yield return $"{endpoint}: '{url}' is not a URL; write one such as http://collector:4317";
            }

            if (configuration[protocol] is { Length: > 0 } given and not ("grpc" or "http/protobuf"))
            {
                yield return $"{protocol}: '{given}' is not one of grpc, http/protobuf";
            }
        }
    }

    /// <summary>Whether it is pushed. <c>OTEL_*_EXPORTER=none</c> and <c>OTEL_SDK_DISABLED=true</c> say no.</summary>
    public bool IsOn { get; }

    /// <summary>Where to, if this kind has an endpoint of its own.</summary>
    public Uri? Endpoint { get; }

    /// <summary><c>grpc</c> or <c>http/protobuf</c>, if this kind has its own.</summary>
    public string? Protocol { get; }

    /// <summary>Headers of the requests, if this kind has its own.</summary>
    public string? Headers { get; }
}
