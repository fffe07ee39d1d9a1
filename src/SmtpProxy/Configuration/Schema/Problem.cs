namespace SmtpProxy.Configuration.Schema;

/// <summary>Something in the configuration that cannot be used.</summary>
/// <param name="Key">The full path of the key.</param>
/// <param name="Text">What is wrong and the remedy, beginning with the key.</param>
public readonly record struct Problem(string Key, string Text)
{
    /// <summary>The full path of the key that was probably meant; null when none is near. That it is missing needs no telling.</summary>
    public string? Meant { get; init; }

    /// <summary>A problem told as <c>KEY: what is wrong; the remedy</c>.</summary>
    public static Problem At(string key, string text) => new(key, $"{key}: {text}");

    /// <summary>A problem from a text that begins with the key.</summary>
    public static Problem From(string text)
    {
        var end = text.IndexOfAny([' ', '\n']);
        var key = (end < 0 ? text : text[..end]).TrimEnd(':');
        return new Problem(key, text)
            { Meant = text.Split(DidYouMean.Question) is [_, var meant]
                ? $"{key[..Math.Max(0, key.LastIndexOf(':'))]}:{meant.TrimEnd('?')}" : null };
    }

    public override string ToString() => Text;
}

/// <summary>The configuration cannot be used. The message holds every problem, one a line.</summary>
public sealed class ConfigurationException(IReadOnlyList<Problem> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<Problem> Problems { get; } = problems;
}
