using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Journal;

/// <summary>What a reader of journal files finds.</summary>
internal sealed class JournalLines
{
    private JournalLines(IReadOnlyList<string> sessions, int torn) => (Sessions, Torn) = (sessions, torn);

    /// <summary>The ids of the sessions, in order.</summary>
    public IReadOnlyList<string> Sessions { get; }

    /// <summary>Lines that are no session.</summary>
    public int Torn { get; }

    /// <summary>Reads files, one after the other.</summary>
    public static JournalLines Read(params IEnumerable<string> paths)
    {
        var (sessions, torn) = (new List<string>(), 0);
        foreach (var line in paths.SelectMany(File.ReadLines))
        {
            if (Session(line) is { } session)
            {
                sessions.Add(session);
            }
            else
            {
                torn++;
            }
        }

        return new JournalLines(sessions, torn);
    }

    private static string? Session(string line)
    {
        try
        {
            return JsonElement.Parse(line).GetProperty("session").GetString();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
