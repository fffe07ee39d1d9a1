using System.Text.RegularExpressions;

namespace SmtpProxy.Admin.Fleet;

/// <summary>How far a reader of the fleet's stream has heard each process: the id of the stream's events. Any proxy of the fleet goes on
/// from it. For each process it has the first eight characters of its name and the id of its own event.</summary>
internal sealed partial class FleetPlaces
{
    private const int NameLength = 8, Most = 2 * FleetAsker.MostMembers;
    private readonly OrderedDictionary<string, string> _places = new(StringComparer.Ordinal);

    /// <summary>It as a text; null: of nobody anything was heard.</summary>
    public string? Text => _places.Count == 0 ? null : string.Join('.', _places.Select(static p => p.Key + p.Value));

    /// <summary>Reads one; null: it is none.</summary>
    public static FleetPlaces? Read(string text)
    {
        if (!IsPlaces().IsMatch(text))
        {
            return null;
        }

        var all = new FleetPlaces();
        foreach (var place in text.Split('.').Take(Most))
        {
            all._places[place[..NameLength]] = place[NameLength..];
        }

        return all;
    }

    /// <summary>Whether a process may give an event this id.</summary>
    public static bool IsPlace(string id) => IsOne().IsMatch(id);

    /// <summary>The id of the last event of a process; null: none was heard.</summary>
    public string? Of(string process) => NameOf(process) is { } name ? _places.GetValueOrDefault(name) : null;

    /// <summary>An event of this process is told. Who was silent for longest is forgotten where there are many: after restarts they are
    /// other processes.</summary>
    public void Tell(string process, string id)
    {
        if (NameOf(process) is { } name && IsPlace(id))
        {
            _places.Remove(name);
            _places.Add(name, id);
            if (_places.Count > Most)
            {
                _places.RemoveAt(0);
            }
        }
    }

    private static string? NameOf(string process) => process.Length >= NameLength ? process[..NameLength] : null;

    [GeneratedRegex(@"\A[0-9a-f]{8}-[0-9]{1,18}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsOne();

    [GeneratedRegex(@"\A[0-9a-f]{16}-[0-9]{1,18}(?:\.[0-9a-f]{16}-[0-9]{1,18}){0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsPlaces();
}
