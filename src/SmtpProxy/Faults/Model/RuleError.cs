namespace SmtpProxy.Faults.Model;

/// <summary>Something in a rule that cannot be used.</summary>
/// <param name="Path">Where in the rule, members separated by dots; empty: the rule itself.</param>
/// <param name="Text">What is wrong, and what would be right.</param>
public sealed record RuleError(string Path, string Text)
{
    /// <summary>Errors after which nobody looks for more.</summary>
    internal const int Most = 20;

    private const int LongestPath = 100;
    private const int LongestText = 600;

    /// <summary>Where in the rule; cut where somebody has sent a very long name.</summary>
    public string Path { get; init; } = Short(Path, LongestPath);

    /// <summary>What is wrong, and what would be right; cut where somebody has sent a very long value.</summary>
    public string Text { get; init; } = Short(Text, LongestText);

    private static string Short(string text, int most) => text.Length <= most ? text : text[..most] + "…";
}
