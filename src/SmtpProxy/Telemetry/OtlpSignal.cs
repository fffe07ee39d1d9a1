namespace SmtpProxy.Telemetry;

/// <summary>Whether and where one kind of telemetry is pushed, by the standard variables of OpenTelemetry. Nothing is unless an endpoint is given.</summary>
internal sealed class OtlpSignal
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <summary>Reads them.</summary>
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
            && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
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
