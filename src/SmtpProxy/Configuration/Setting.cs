namespace SmtpProxy.Configuration;

/// <summary>One value of one source.</summary>
/// <param name="Key">The full path of the key, with colons.</param>
/// <param name="Value">The value; null takes away what lower sources have at the key and below it.</param>
/// <param name="Origin">Where it was said, for people to read.</param>
internal readonly record struct Setting(string Key, string? Value, Origin Origin);

/// <summary>Where a value was said.</summary>
/// <param name="Place">A file and its line, the name of an environment variable, or the command line.</param>
/// <param name="Preposition">What stands before it in a sentence.</param>
internal readonly record struct Origin(string Place, string Preposition)
{
    /// <summary>The command line.</summary>
    public static readonly Origin CommandLine = new("the command line", "on");

    /// <summary>A line of a file, counted from 1.</summary>
    public static Origin Line(string path, int line) => new(FormattableString.Invariant($"{path}, line {line}"), "in");

    /// <summary>An environment variable.</summary>
    public static Origin Variable(string name) => new($"the environment variable {name}", "by");

    /// <summary>Such as <c>in FILE, line 3</c>.</summary>
    public string Where => $"{Preposition} {Place}";

    /// <summary>As the end of a sentence: <c>(set in FILE, line 3)</c>.</summary>
    public override string ToString() => $"(set {Where})";
}
