namespace SmtpProxy.Configuration.Sources;

/// <summary>Where a value was said.</summary>
/// <param name="Place">A file and its line, the name of an environment variable, or the command line.</param>
/// <param name="Preposition">What stands before it in a sentence.</param>
internal readonly record struct SettingOrigin(string Place, string Preposition)
{
    /// <summary>The command line.</summary>
    public static readonly SettingOrigin CommandLine = new("the command line", "on");

    /// <summary>A line of a file, counted from 1.</summary>
    public static SettingOrigin Line(string path, int line) => new(FormattableString.Invariant($"{path}, line {line}"), "in");

    /// <summary>An environment variable.</summary>
    public static SettingOrigin Variable(string name) => new($"the environment variable {name}", "by");

    /// <summary>Such as <c>in FILE, line 3</c>.</summary>
    public string Where => $"{Preposition} {Place}";

    /// <summary>As the end of a sentence: <c>(set in FILE, line 3)</c>.</summary>
    public override string ToString() => $"(set {Where})";
}
