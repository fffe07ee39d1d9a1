namespace SmtpProxy.Telemetry.Tracing;

/// <summary>A span that is made after it ended.</summary>
internal readonly record struct LateSpan(string Name, long From, long To, string? Error, KeyValuePair<string, object?>[] Tags);
