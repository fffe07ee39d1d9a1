using System.Text;

namespace SmtpProxy.Cli.Watching;

/// <summary>A line on which filters are typed, as <c>relay=mx1 code=4xx,5xx</c>.</summary>
/// <param name="text">What it begins with.</param>
internal sealed class FilterPrompt(string text)
{
    private const int Longest = 500;
    private readonly StringBuilder _text = new(text);

    /// <summary>What stands there.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes a key. Returns true when it is to be applied, false when it is given up, null while it goes on.</summary>
    public bool? Press(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { Key: ConsoleKey.Enter }:
                return true;
            case { Key: ConsoleKey.Escape }:
                return false;
            case { Key: ConsoleKey.Backspace } when _text.Length > 0:
                _text.Length--;
                break;
            case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                _text.Clear();
                break;
            case { KeyChar: var typed } when !char.IsControl(typed) && _text.Length < Longest:
                _text.Append(typed);
                break;
        }

        return null;
    }

    /// <summary>A query of the API as it is typed.</summary>
    public static string Of(string query) =>
        string.Join(' ', query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString));

    /// <summary>The first name that is no filter's: the API would take no notice of it. Null: all are.</summary>
    public static string? UnknownIn(string typed) => typed.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(static word => word.Split('=')[0].TrimStart('-').Replace('_', '-')).FirstOrDefault(static name =>
            !WatchFilters.Typed.Contains(name));

    /// <summary>What was typed as a query of the API. A word without a value is one that holds: <c>faulted</c>.</summary>
    public static string QueryOf(string typed) => string.Join('&', typed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(
        static word =>
    {
        var (name, value) = word.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (word[..at], word[(at + 1)..]) : (word,
            "true");
        return $"{Uri.EscapeDataString(name.TrimStart('-').Replace('-', '_'))}={Uri.EscapeDataString(value)}";
    }));
}
