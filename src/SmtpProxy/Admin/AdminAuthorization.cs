using System.Net;
using Microsoft.Net.Http.Headers;
using SmtpProxy.Admin.Fleet;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>Lets a request in: with the right token where there is one; without one only under a name that means this machine, so that a
/// page from elsewhere cannot reach it through a name of its own (DNS rebinding).</summary>
internal sealed class AdminAuthorization(RequestDelegate next, AdminOptions options, Logins logins, TokenFailures failures,
    FleetReading? reading = null)
{
    private const string Scheme = "Bearer ", OfFleet = $"{FleetReading.Scheme} ";

    public Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(OfFleet, StringComparison.OrdinalIgnoreCase) && !ForwardedRoute.Is(context.GetEndpoint()))
        {
            return ServeFleetAsync(context, header[OfFleet.Length..].Trim());
        }

        if (!logins.AreNeeded)
        {
            if (IsOfThisMachine(context.Request.Host.Host))
            {
                return next(context);
            }

            return HttpRefusals.AnswerAsync(context, StatusCodes.Status421MisdirectedRequest, null,
                "This server answers to localhost and loopback addresses only.");
        }

        if (HasToken(context.Request) || logins.IsIn(context.Request))
        {
            // Both are this server's own: what a route leads to must not get to see them.
            context.Request.Headers.Remove(HeaderNames.Authorization);
            if (ForwardedRoute.Is(context.GetEndpoint()))
            {
                Logins.Hide(context.Request);
            }

            return next(context);
        }

        if (IsAnonymous(context.Request.Path) || context.GetEndpoint()?.Metadata.GetMetadata<ServedToAnybody>() is not null)
        {
            return next(context);
        }

        return failures.RefuseAsync(context, isWrong: context.Request.Headers.Authorization.Count > 0);
    }

    /// <summary>A member of the fleet reads what it may, under whatever name it knows this machine.</summary>
    private Task ServeFleetAsync(HttpContext context, string token)
    {
        if (reading?.IsToken(token) != true)
        {
            return failures.RefuseAsync(context);
        }

        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return isRead && context.GetEndpoint()?.Metadata.GetMetadata<ServedToFleet>() is not null ? next(context)
            : HttpRefusals.AnswerAsync(context, StatusCodes.Status403Forbidden, "Not for the fleet's token",
                "The fleet's token reads sessions, clients, relays, faults and /api/v1/now, and nothing else.");
    }

    private static bool IsOfThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private bool IsAnonymous(PathString path) =>
        options.AnonymousPaths.Any(allowed => path.Equals(allowed, StringComparison.OrdinalIgnoreCase));

    private bool HasToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && logins.IsToken(header[Scheme.Length..].Trim());
    }
}
