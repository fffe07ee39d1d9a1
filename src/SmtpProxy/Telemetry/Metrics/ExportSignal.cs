namespace SmtpProxy.Telemetry.Metrics;

/// <summary>A kind of telemetry that is pushed by OTLP: <c>smtpproxy.signal</c>.</summary>
internal enum ExportSignal : byte
{
    /// <summary>Spans (<c>traces</c>).</summary>
    Traces,

    /// <summary>Log records (<c>logs</c>).</summary>
    Logs,

    /// <summary>Metrics, all of them at once (<c>metrics</c>).</summary>
    Metrics,
}
