using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Writes what several proxies show, as <see cref="SightingApiJson"/> writes what one does.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SentSessions))]
[JsonSerializable(typeof(SentSearch))]
[JsonSerializable(typeof(SentGap))]
[JsonSerializable(typeof(SentHello))]
[JsonSerializable(typeof(SentFound))]
[JsonSerializable(typeof(IReadOnlyList<Unanswered>))]
[JsonSerializable(typeof(FleetClients))]
[JsonSerializable(typeof(IReadOnlyList<FleetClient>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(JsonObject))]
// What is passed on as it came, to be described.
[JsonSerializable(typeof(FleetSessions))]
[JsonSerializable(typeof(FleetWholeSession))]
[JsonSerializable(typeof(FleetSearch))]
[JsonSerializable(typeof(FleetNow))]
[JsonSerializable(typeof(FleetRelays))]
[JsonSerializable(typeof(FleetFaults))]
internal sealed partial class FleetReadsJson : JsonSerializerContext;

/// <summary>Writes who is in the fleet; see <see cref="RequestsJson"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(FleetAnswer))]
internal sealed partial class FleetAnswerJson : JsonSerializerContext
{
    /// <summary>As it is sent.</summary>
    public static FleetAnswerJson Sent { get; } = new(RequestsJson.Readable());
}

// What is sent where FleetShapes.cs describes it: sessions are what their proxy has said, octet for octet.

/// <summary>A session, and the proxy that has it.</summary>
internal sealed record SentSession(string Node, JsonElement Session);

/// <summary>Sessions of several proxies.</summary>
internal sealed record SentSessions(IEnumerable<SentSession> Sessions, string? Next, IReadOnlyList<Unanswered> Unanswered);

/// <summary>A session that was found, by what, and where.</summary>
internal sealed record SentHit(string Node, string In, JsonElement Session);

/// <summary>What was found at several proxies.</summary>
internal sealed record SentSearch(string? Query, IEnumerable<SentHit> Hits, IEnumerable<string> Notes,
    IReadOnlyList<Unanswered> Unanswered);

/// <summary>The first event of a stream: who is followed, and who is not.</summary>
internal sealed record SentHello(IEnumerable<string> Nodes, IReadOnlyList<Unanswered> Unanswered);

/// <summary>A proxy is followed.</summary>
internal sealed record SentFound(string Node, string Id);

/// <summary>Sessions of a proxy went before they were sent.</summary>
internal sealed record SentGap(string Node, long Missed);
