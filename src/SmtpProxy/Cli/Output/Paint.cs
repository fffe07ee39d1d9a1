using System.Text;

namespace SmtpProxy.Cli.Output;

/// <summary>Colours of a terminal (ECMA-48 SGR), where there is one and nobody has asked for none
/// (<c>NO_COLOR</c>, no-color.org).</summary>
/// <param name="isOn">Whether anything is coloured.</param>
internal sealed class Paint(bool isOn)
{
    /// <summary>None.</summary>
    public static Paint None { get; } = new(false);

    /// <summary>Whether anything is coloured.</summary>
    public bool IsOn => isOn;

    /// <summary>As standard output is.</summary>
    public static Paint OfOutput() => new(Wanted(Console.IsOutputRedirected));

    /// <summary>Whether a stream gets colours.</summary>
    public static bool Wanted(bool isRedirected) =>
        !isRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Good.</summary>
    public string Green(string text) => In("32", text);

    /// <summary>Bad.</summary>
    public string Red(string text) => In("31", text);

    /// <summary>To be looked at.</summary>
    public string Yellow(string text) => In("33", text);

    /// <summary>The server, and what is waited for.</summary>
    public string Cyan(string text) => In("36", text);

    /// <summary>Of less interest.</summary>
    public string Dim(string text) => In("2", text);

    /// <summary>A heading.</summary>
    public string Bold(string text) => In("1", text);

    /// <summary>Lines of a width, broken between words; a longer word stays whole.</summary>
    public static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length == 0 ? "" : " ").Append(word);
        }

        yield return line.ToString();
    }

    private string In(string code, string text) => isOn && text.Length > 0 ? $"\x1b[{code}m{text}\x1b[0m" : text;
}
