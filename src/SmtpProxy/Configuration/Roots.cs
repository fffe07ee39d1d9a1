namespace SmtpProxy.Configuration;

/// <summary>The sections of the configuration that mean something here. Everything else, such as the rest of the environment, is left outside.</summary>
internal static class Roots
{
    public const string Relays = "ReverseProxy";
    public const string Http = "Kestrel";
    public const string Clusters = $"{Relays}:Clusters";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Settings.Section, Relays, Http, "Logging"];

    /// <summary>Whether a key is in one of them.</summary>
    public static bool Holds(string key) => All.Any(root => IsIn(key, root));

    /// <summary>Whether a key is a section or inside it.</summary>
    public static bool IsIn(string key, string section) =>
        key.StartsWith(section, StringComparison.OrdinalIgnoreCase) && (key.Length == section.Length || key[section.Length] == ':');
}
