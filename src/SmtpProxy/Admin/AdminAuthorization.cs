using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using SmtpProxy.Admin.Requests;

namespace SmtpProxy.Admin;

/// <summary>Lets a request in: with the right token where there is one; without one only under a name that means this machine, so that a page
/// from elsewhere cannot reach it through a name of its own (DNS rebinding).</summary>
internal sealed class AdminAuthorization(RequestDelegate next, AdminOptions options, TokenFailures failures)
{
    private const string Scheme = "Bearer ";
    private readonly byte[]? _token = options.BearerToken is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    public Task InvokeAsync(HttpContext context)
    {
        if (_token is null)
        {
            if (IsOfThisMachine(context.Request.Host.Host))
            {
                return next(context);
            }

            return HttpRefusals.AnswerAsync(context, StatusCodes.Status421MisdirectedRequest, null, "This server answers to localhost and loopback addresses only.");
        }

        if (HasToken(context.Request))
        {
            // The token is this server's own: what a route leads to must not get to see it.
            context.Request.Headers.Remove(HeaderNames.Authorization);
            return next(context);
        }

        if (IsAnonymous(context.Request.Path))
        {
            return next(context);
        }

        if (context.Request.Headers.Authorization.Count > 0 && failures.Add(context.Connection.RemoteIpAddress))
        {
            context.Response.Headers.RetryAfter = "60";
            return HttpRefusals.AnswerAsync(context, StatusCodes.Status429TooManyRequests, null,
                $"More than {TokenFailures.Most} wrong tokens in a minute. Send that of {AdminOptions.Section}:BearerToken.");
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"smtpproxy\"";
        return HttpRefusals.AnswerAsync(context, StatusCodes.Status401Unauthorized, null, $"Send the token of {AdminOptions.Section}:BearerToken as 'Authorization: Bearer …'.");
    }

    private static bool IsOfThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private bool IsAnonymous(PathString path) => options.AnonymousPaths.Any(allowed => path.Equals(allowed, StringComparison.OrdinalIgnoreCase));

    /// <summary>In constant time: hashes have one length, whatever was sent.</summary>
    private bool HasToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), _token);
    }
}
