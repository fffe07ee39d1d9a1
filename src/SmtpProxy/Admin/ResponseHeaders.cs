using SmtpProxy.Admin.Page;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>What every answer of this server's own tells a browser: take the type as it is said, run and load nothing that is not named
/// here, show it in nobody's frame, keep no copy. Answers of applications behind a route are theirs, headers included: what their pages
/// need is not known here.</summary>
internal sealed class ResponseHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            if (!IsForwarded(context))
            {
                var headers = context.Response.Headers;
                headers.ContentSecurityPolicy = LivePage.Policy;
                headers.XContentTypeOptions = "nosniff";
                headers.XFrameOptions = "DENY";
                if (context.GetEndpoint()?.Metadata.GetMetadata<OwnPolicy>() is { } own)
                {
                    headers.ContentSecurityPolicy = own.Text;
                }

                headers["Referrer-Policy"] = "no-referrer";
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                // All of it is about this very moment, except for the files of the page.
                if (headers.CacheControl.Count == 0 || headers.ETag.Count == 0)
                {
                    headers.CacheControl = "no-store";
                }
            }

            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    /// <summary>Whether the application behind a route has answered.</summary>
    private static bool IsForwarded(HttpContext context) =>
        ForwardedRoute.Is(context.GetEndpoint()) && !context.Items.ContainsKey(typeof(HttpRefusals));
}
