using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Writes what is new in the API: names in snake_case, as in the journal.</summary>
internal static class SightingAnswers
{
    /// <summary>How.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = JsonTypeInfoResolver.Combine(SightingJsonTypes.Default, new DefaultJsonTypeInfoResolver()),
    };

    /// <summary>Sessions are not kept.</summary>
    public static IResult Off { get; } = Results.Problem("Sessions are not kept. Set SmtpProxy:Live:Enabled to true, and restart.",
        statusCode: StatusCodes.Status503ServiceUnavailable, title: "Sessions are not kept");

    /// <summary>A value of the query is none.</summary>
    public static IResult Wrong(string why) =>
        Results.Problem(why, statusCode: StatusCodes.Status400BadRequest, title: "The query cannot be read");

    /// <summary>An answer.</summary>
    public static IResult Of<T>(T value) => Results.Json(value, Json);
}

/// <summary>What these answers are made of, written by what the compiler makes; see <see cref="AdminJson"/>.</summary>
[JsonSerializable(typeof(NowAnswer))]
[JsonSerializable(typeof(IReadOnlyList<PhaseView>))]
[JsonSerializable(typeof(ClientsAnswer))]
[JsonSerializable(typeof(SetupAnswer))]
[JsonSerializable(typeof(StoreView))]
internal sealed partial class SightingJsonTypes : JsonSerializerContext;
