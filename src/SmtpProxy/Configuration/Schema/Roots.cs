namespace SmtpProxy.Configuration.Schema;

/// <summary>The sections of the configuration that mean something here. Everything else, such as the rest of the
/// environment, is left outside.</summary>
internal static class Roots
{
    public const string Relays = "ReverseProxy";
    public const string Http = "Kestrel";
    public const string Log = "Logging";
    public const string Clusters = $"{Relays}:Clusters";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Settings.Section, Relays, Http, Log];

    /// <summary>The variables by which every OpenTelemetry SDK is told where to send telemetry.</summary>
    private const string OpenTelemetry = "OTEL_";

    /// <summary>Whether a key is in one of them, or is a standard variable of OpenTelemetry.</summary>
    public static bool Holds(string key) =>
        key.StartsWith(OpenTelemetry, StringComparison.OrdinalIgnoreCase) || All.Any(root => IsIn(key, root));

    /// <summary>Whether a key is a section or inside it.</summary>
    public static bool IsIn(string key, string section) =>
        key.StartsWith(section, StringComparison.OrdinalIgnoreCase) && (key.Length == section.Length || key[section.Length] == ':');
}
