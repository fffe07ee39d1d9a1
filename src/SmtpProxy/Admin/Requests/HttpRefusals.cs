using System.Text.Json;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Requests;

/// <summary>Answers to requests that cannot be served (RFC 9457): what is wrong, and what would work. What they
/// repeat of a request is short.</summary>
/// <param name="next">The rest.</param>
/// <param name="hint">The end of a sentence that refuses a name, given those that are known.</param>
/// <param name="endpoints">What there is.</param>
internal sealed class HttpRefusals(RequestDelegate next, Func<string, IReadOnlyCollection<string>, string> hint,
    IEnumerable<EndpointDataSource> endpoints)
{
    private const int MostOfAMessage = 300;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest, ContentLength: null,
                ContentType: null }
                && !ForwardedRoute.Is(context.GetEndpoint()))
            {
                var (title, detail) = Explain(context);
                await AnswerAsync(context, context.Response.StatusCode, title, detail).ConfigureAwait(false);
            }
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            var (title, detail) = Explain(e);
            await AnswerAsync(context, e.StatusCode, title, detail).ConfigureAwait(false);
        }
    }

    /// <summary>Answers in place of whatever was asked for.</summary>
    public static Task AnswerAsync(HttpContext context, int status, string? title, string? detail)
    {
        context.Items[typeof(HttpRefusals)] = true;
        return Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(context);
    }

    /// <summary>A text that somebody sent, short enough to be sent back.</summary>
    public static string Short(string text) => text.Length <= MostOfAMessage ? text : text[..MostOfAMessage] + "…";

    private static (string? Title, string? Detail) Explain(BadHttpRequestException e) => e switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => (null, Bodies.Remedy),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => (null, JsonRemedy),
        { InnerException: JsonException json } => ("The body is no such JSON", Short(json.Message)),
        _ => (null, Short(e.Message)),
    };

    private const string JsonRemedy = "Send the body as JSON in UTF-8, with the header 'Content-Type: application/json'.";

    private (string? Title, string? Detail) Explain(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound when context.GetEndpoint() is null =>
            (null, $"There is no {Short(context.Request.Path)}; {hint(Short(context.Request.Path), Paths())}"),
        StatusCodes.Status405MethodNotAllowed =>
            (null, $"{Short(context.Request.Method)} is not answered here; send " +
                $"{context.Response.Headers.Allow.ToString().Replace(", ", " or ", StringComparison.Ordinal)}."),
        StatusCodes.Status413PayloadTooLarge => (null, Bodies.Remedy),
        StatusCodes.Status415UnsupportedMediaType => (null, JsonRemedy),
        _ => (null, null),
    };

    private string[] Paths() =>
    [
        .. endpoints.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(static endpoint => $"/{endpoint.RoutePattern.RawText?.TrimStart('/')}").Distinct().Order(StringComparer.Ordinal),
    ];
}
