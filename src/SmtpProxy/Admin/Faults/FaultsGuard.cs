using SmtpProxy.Faults;

namespace SmtpProxy.Admin.Faults;

/// <summary>Who may change faults: nobody where they are not enabled, no page of another origin, and only with a body of JSON, which a form of
/// another page cannot send.</summary>
internal sealed class FaultsGuard(FaultEngine engine) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (HttpMethods.IsGet(request.Method))
        {
            return next(context);
        }

        if (IsForeign(request))
        {
            return ValueTask.FromResult<object?>(Results.Problem(
                "Requests of pages from another origin are refused.", statusCode: StatusCodes.Status403Forbidden, title: "Another origin"));
        }

        if (!engine.IsEnabled && !request.Path.Value!.EndsWith("/explain", StringComparison.Ordinal))
        {
            return ValueTask.FromResult<object?>(FaultsProblem.Conflict(
                "Faults are not enabled in this process",
                "Start it with --SmtpProxy:Faults:Enabled=true in an allowed environment (DOTNET_ENVIRONMENT=Staging, for example)."));
        }

        return next(context);
    }

    private static bool IsForeign(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
        || (request.Headers.Origin.ToString() is { Length: > 0 } origin
            && (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || !uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)));
}
