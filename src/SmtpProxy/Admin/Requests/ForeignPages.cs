using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Requests;

/// <summary>Refuses what a page of another origin makes the operator's browser send: only reading is harmless, for such a page gets to read
/// nothing. The browser says where the page is from; programs say nothing and are served. Applications behind a
/// route defend themselves.</summary>
internal sealed class ForeignPages(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        !IsReading(context.Request.Method) && IsForeign(context.Request) && !ForwardedRoute.Is(context.GetEndpoint())
            ? HttpRefusals.AnswerAsync(context, StatusCodes.Status403Forbidden, "Another origin",
                "Requests of pages from another origin are refused. Send it from a program, without an Origin header.")
            : next(context);

    private static bool IsReading(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private static bool IsForeign(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
        || (request.Headers.Origin.ToString() is { Length: > 0 } origin
            && (!Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                || !uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)));
}
