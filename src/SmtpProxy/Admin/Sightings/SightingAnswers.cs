using System.Text.Json;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Writes what is new in the API: names in snake_case, as in the journal.</summary>
internal static class SightingAnswers
{
    /// <summary>How.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
        { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Sessions are not kept.</summary>
    public static IResult Off { get; } = Results.Problem("Sessions are not kept. Set SmtpProxy:Live:Enabled to true, and restart.",
        statusCode: StatusCodes.Status503ServiceUnavailable, title: "Sessions are not kept");

    /// <summary>A value of the query is none.</summary>
    public static IResult Wrong(string why) =>
        Results.Problem(why, statusCode: StatusCodes.Status400BadRequest, title: "The query cannot be read");

    /// <summary>An answer.</summary>
    public static IResult Of<T>(T value) => Results.Json(value, Json);
}
