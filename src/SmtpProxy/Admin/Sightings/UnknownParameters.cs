using Microsoft.AspNetCore.Http.Metadata;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Refuses a query of the API that names a parameter which its path does not know: a filter that was spelt wrong would let
/// everything through, and look as if it had found it.</summary>
/// <param name="next">The rest.</param>
/// <param name="hint">The end of a sentence that refuses a name, given those that are known.</param>
internal sealed class UnknownParameters(RequestDelegate next, Func<string, IReadOnlyCollection<string>, string> hint)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Query.Count == 0 || context.GetEndpoint() is not RouteEndpoint endpoint || ForwardedRoute.Is(endpoint)
            || !context.Request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        var known = Of(endpoint);
        var unknown = context.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase));
        if (unknown is null)
        {
            return next(context);
        }

        var name = HttpRefusals.Short(unknown);
        return HttpRefusals.AnswerAsync(context, StatusCodes.Status400BadRequest, "The query cannot be read",
            $"'{name}' is not a parameter here; {hint(name, known)}");
    }

    /// <summary>Those that ASP.NET hands to the endpoint, and those that it reads by itself.</summary>
    private static string[] Of(RouteEndpoint endpoint) =>
    [
        .. endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
            .Where(p => IsSimple(p.ParameterInfo.ParameterType) && endpoint.RoutePattern.GetParameter(p.Name) is null)
            .Select(static p => p.Name),
        .. endpoint.Metadata.GetOrderedMetadata<QueryFields>().SelectMany(static fields => fields.Fields).Select(static f => f.Name),
    ];

    private static bool IsSimple(Type type) =>
        type == typeof(string) || (Nullable.GetUnderlyingType(type) ?? type).IsPrimitive;
}
