namespace SmtpProxy.Configuration.Sources;

/// <summary>What the command line says: it wins over every other source.</summary>
/// <param name="Replaced">Sections that other sources have no say in.</param>
/// <param name="Values">Keys and values.</param>
public sealed record Overrides(IReadOnlyCollection<string> Replaced, IReadOnlyDictionary<string, string?> Values)
{
    /// <summary>Nothing is overridden.</summary>
    public static readonly Overrides None = new([], new Dictionary<string, string?>());

    /// <summary>Files of settings that it names, lowest first. They come above those that are found and
    /// below environment variables.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The environment that this is where no variable names one; null: the usual.</summary>
    public string? Environment { get; init; }

    /// <summary>Both, of which another one wins.</summary>
    internal Overrides Under(Overrides other)
    {
        var values = new Dictionary<string, string?>(Values, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in other.Values)
        {
            values[key] = value;
        }

        return new Overrides([.. Replaced, .. other.Replaced], values)
        {
            Files = [.. Files, .. other.Files],
            Environment = other.Environment ?? Environment,
        };
    }
}
