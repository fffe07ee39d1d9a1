using System.Globalization;
using System.Text;

namespace SmtpProxy.FunctionalTests.Support.Programs;

/// <summary>What tests and a warm process tell one another, a line each: what to run, to end it, and that it has ended.</summary>
internal static class WarmLine
{
    /// <summary>End the run.</summary>
    public const string Stop = "stop";

    /// <summary>Begins the last line of a run on either output; the program writes none such. The exit code follows.</summary>
    private const string Ended = "\u0004ended ";

    /// <summary>Run the program.</summary>
    /// <param name="folder">In this working directory.</param>
    /// <param name="environment">With these variables beside those that the process has.</param>
    /// <param name="arguments">With these arguments.</param>
    public static string Run(string folder, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments) => string.Join(
        ' ', [Encode(folder), environment.Count.ToString(CultureInfo.InvariantCulture),
            .. environment.SelectMany(static v => new[] { v.Key, v.Value }).Select(Encode), .. arguments.Select(Encode)]);

    /// <summary>Reads what <see cref="Run"/> wrote.</summary>
    public static (string Folder, Dictionary<string, string> Environment, string[] Arguments) ReadRun(string line)
    {
        var words = line.Split(' ');
        var variables = int.Parse(words[1], CultureInfo.InvariantCulture);
        var (values, at) = (new Dictionary<string, string>(), 2);
        for (; variables > 0; variables--)
        {
            values[Decode(words[at])] = Decode(words[at + 1]);
            at += 2;
        }

        return (Decode(words[0]), values, Array.ConvertAll(words[at..], Decode));
    }

    /// <summary>The run has ended.</summary>
    public static string End(int exitCode) => Ended + exitCode.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a line tells that the run has ended; the program may have left one without an end before it.</summary>
    public static bool IsEnd(string line, out string before, out int exitCode)
    {
        var at = line.IndexOf(Ended, StringComparison.Ordinal);
        (before, exitCode) = at < 0 ? (line, 0) : (line[..at], int.Parse(line[(at + Ended.Length)..], CultureInfo.InvariantCulture));
        return at >= 0;
    }

    // An argument may be empty, and a word may not.
    private static string Encode(string text) => "=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Decode(string word) => Encoding.UTF8.GetString(Convert.FromBase64String(word[1..]));
}
