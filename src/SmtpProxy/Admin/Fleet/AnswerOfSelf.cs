using System.Text.Json;

namespace SmtpProxy.Admin.Fleet;

/// <summary>What this proxy answers to a request of the API, without a connection: exactly what the others answer to the same.</summary>
/// <param name="endpoints">What there is.</param>
/// <param name="scopes">What an endpoint uses.</param>
internal sealed class AnswerOfSelf(EndpointDataSource endpoints, IServiceScopeFactory scopes)
{
    /// <summary>Asks.</summary>
    /// <param name="self">This proxy.</param>
    /// <param name="route">The path as it is mapped, such as <c>/api/v1/sessions/{id}</c>.</param>
    /// <param name="id">The value of <c>id</c> in it; null: it has none.</param>
    /// <param name="query">The query, with its question mark; empty: none.</param>
    /// <param name="stop">Nobody waits any more.</param>
    public async Task<PeerAnswer> GetAsync(FleetPeer self, string route, string? id, string query, CancellationToken stop)
    {
        var endpoint = endpoints.Endpoints.OfType<RouteEndpoint>().First(e => e.RoutePattern.RawText?.Trim('/') == route.Trim('/')
            && e.Metadata.GetMetadata<Requests.ServedToFleet>() is not null);
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            using var body = new MemoryStream();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = stop };
            (context.Request.Method, context.Request.Path) = (HttpMethods.Get, route);
            context.Request.QueryString = new QueryString(query);
            if (id is not null)
            {
                context.Request.RouteValues["id"] = id;
            }

            context.Response.Body = body;
            try
            {
                await endpoint.RequestDelegate!(context).ConfigureAwait(false);
                await context.Response.CompleteAsync().ConfigureAwait(false);
            }
            catch (BadHttpRequestException e)
            {
                return PeerAnswer.None(self, "refused", e.Message, e.StatusCode);
            }

            var answer = JsonElement.Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
            var status = context.Response.StatusCode;
            return status == StatusCodes.Status200OK ? new PeerAnswer(self, status, answer, null)
                : PeerAnswer.None(self, "refused", answer.GetProperty("detail").GetString() ?? $"It answered {status}.", status);
        }
    }
}
