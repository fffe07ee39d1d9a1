using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Answers that say why there is nothing to be seen.</summary>
internal static class SightingAnswers
{
    /// <summary>Sessions are not kept.</summary>
    public static IResult Off { get; } = Results.Problem("Sessions are not kept. Set SmtpProxy:Live:Enabled to true, and restart.",
        statusCode: StatusCodes.Status503ServiceUnavailable, title: "Sessions are not kept");

    /// <summary>A value of the query is none.</summary>
    public static IResult Wrong(string why) =>
        Results.Problem(why, statusCode: StatusCodes.Status400BadRequest, title: "The query cannot be read");
}

/// <summary>Writes what is new in the API: names in snake_case, as in the journal. Made by the compiler; see
/// <see cref="Requests.RequestsJson"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(NowAnswer))]
[JsonSerializable(typeof(IReadOnlyList<PhaseView>))]
[JsonSerializable(typeof(ClientsAnswer))]
[JsonSerializable(typeof(SetupAnswer))]
[JsonSerializable(typeof(StoreView))]
[JsonSerializable(typeof(StreamHello))]
[JsonSerializable(typeof(StreamGap))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
// What is written by the journal's own writers, to be described.
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionShown))]
[JsonSerializable(typeof(SearchAnswer))]
internal sealed partial class SightingApiJson : JsonSerializerContext;

/// <summary>The first event of a stream of sessions.</summary>
/// <param name="Last">The last session that has ended.</param>
/// <param name="Store">How much there is to see.</param>
internal sealed record StreamHello(string Last, StoreView Store);

/// <summary>Sessions went before they were sent.</summary>
internal sealed record StreamGap(long Missed);
