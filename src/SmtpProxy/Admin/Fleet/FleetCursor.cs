using System.Buffers.Text;
using System.Text.Json;
using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Admin.Fleet;

/// <summary>How far somebody has read at each member: the member's own cursor, by its process. A member that is not in it came later, and
/// is on none of the pages that follow; one that did not answer stays where it was.</summary>
internal sealed class FleetCursor
{
    private const string Start = "", End = ".";
    private const int Longest = 4096;
    private readonly Dictionary<string, string> _places;
    private readonly bool _isFirst;

    private FleetCursor(Dictionary<string, string> places, bool isFirst) => (_places, _isFirst) = (places, isFirst);

    /// <summary>Before the first page.</summary>
    public static FleetCursor First => new(new(StringComparer.Ordinal), isFirst: true);

    /// <summary>Reads one; null: it is none.</summary>
    public static FleetCursor? Read(string text)
    {
        try
        {
            return text.Length <= Longest
                && JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), FleetReadsJson.Default.DictionaryStringString) is { } places
                && places.All(static p => p.Value is Start or End || SightingPage.IsCursor(p.Value))
                ? new FleetCursor(new(places, StringComparer.Ordinal), isFirst: false) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Whether there may be more of a member.</summary>
    public bool HasMore(FleetPeer peer) => _isFirst || (_places.TryGetValue(peer.Id, out var place) && place != End);

    /// <summary>Its own cursor; null: from the beginning.</summary>
    public string? Of(FleetPeer peer) => _places.GetValueOrDefault(peer.Id) is { Length: > 0 } place ? place : null;

    /// <summary>Those that were read before and are not there any more.</summary>
    public IEnumerable<string> Gone(IEnumerable<FleetPeer> peers) =>
        _places.Where(static p => p.Value != End).Select(static p => p.Key).Except(peers.Select(static p => p.Id));

    /// <summary>It moves on at these members; null: to their end.</summary>
    /// <returns>It as a text; null: there is no more.</returns>
    public string? After(IEnumerable<FleetPeer> peers, IReadOnlyDictionary<string, string?> read)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var peer in peers)
        {
            places[peer.Id] = !HasMore(peer) ? End : read.TryGetValue(peer.Id, out var place) ? place ?? End : Of(peer) ?? Start;
        }

        // Who did not answer is no reason to turn pages for ever.
        return places.Any(p => p.Value != End && read.ContainsKey(p.Key))
            ? Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(places, FleetReadsJson.Default.DictionaryStringString)) : null;
    }
}
