namespace SmtpProxy.Configuration.Schema;

/// <summary>Tells names of sections that were meant for us and are written wrongly from those of others.</summary>
internal static class SectionNames
{
    /// <summary>What stands directly below each section.</summary>
    private static readonly Dictionary<string, IReadOnlyCollection<string>> Below = new(StringComparer.OrdinalIgnoreCase)
    {
        [Settings.Section] = KnownSettings.Of(typeof(Settings)),
        [Roots.Relays] = ["Clusters", "Routes"],
        [Roots.Http] = ["Endpoints", "EndpointDefaults", "Certificates", "Limits"],
        [Roots.Log] = ["LogLevel"],
    };

    /// <summary>The section that was meant; null when the name is not near any.</summary>
    /// <param name="name">A name that is none of our sections.</param>
    /// <param name="strictly">Whether names of others are to be expected too.</param>
    public static string? Misspelt(string name, bool strictly) =>
        DidYouMean.Nearest(name, Roots.All) is { } near && (!strictly || DidYouMean.IsSlip(name, near)) ? near : null;

    /// <summary>Whether a name stands directly below a section.</summary>
    public static bool IsBelow(string name, string section) => Below[section].Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Judges a key of a file by its first part.</summary>
    /// <param name="key">A key that is in none of our sections.</param>
    /// <param name="meant">The key that was meant; null when the name is somebody else's.</param>
    /// <returns>What is wrong with it and the remedy; null when it is somebody else's.</returns>
    public static string? Judge(string key, out string? meant)
    {
        var parts = key.Split(':');
        var colons = key.Replace("__", ":", StringComparison.Ordinal);
        if (colons != key && Roots.Holds(colons))
        {
            meant = colons;
            return $"{key} is not read; __ is for environment variables, in a file write {colons}";
        }

        if (Below.Keys.FirstOrDefault(section => IsBelow(parts[0], section)) is { } owner)
        {
            meant = $"{owner}:{key}";
            return $"{parts[0]} is not a section; it belongs in {owner}: write {owner}:{parts[0]}";
        }

        if (Misspelt(parts[0], strictly: false) is { } root)
        {
            meant = string.Join(':', [root, .. parts[1..]]);
            return $"{parts[0]} is not a section; did you mean {root}?";
        }

        meant = null;
        return null;
    }
}
