using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Requests;

/// <summary>How much a request may bring, which is here before anybody looks at it: who sends half of it leaves no trace. Of a body that is
/// too large nothing more is read into memory; Kestrel takes the rest off the wire for some seconds, so that its sender gets to read the
/// answer. What goes to applications behind a route is bounded there, and by Kestrel (30 MB).</summary>
internal sealed class Bodies(RequestDelegate next)
{
    /// <summary>What would work.</summary>
    public const string Remedy = "A body may have at most 262144 octets (256 KiB).";

    private const long Most = 256 * 1024;
    private const long MostDiscarded = 16 * 1024 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!ForwardedRoute.Is(context.GetEndpoint()) && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset.HasValue
                && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                // Whoever reads JSON of a character set that nobody knows ends with an exception of its own.
                throw new BadHttpRequestException("", StatusCodes.Status415UnsupportedMediaType);
            }

            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MostDiscarded;
            if (await ReadAsync(context).ConfigureAwait(false) is not { } body)
            {
                return;
            }

            context.Request.Body = body;
        }

        await next(context).ConfigureAwait(false);
    }

    /// <returns>The whole body; null: it will not be whole.</returns>
    private static async Task<MemoryStream?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Most)
        {
            throw TooLarge();
        }

        var body = new MemoryStream();
        var octets = new byte[4096];
        try
        {
            // Not by a token: a read that is given up is an error in the server's log. It ends with the connection.
            for (int read; (read = await context.Request.Body.ReadAsync(octets, CancellationToken.None).ConfigureAwait(false)) > 0;)
            {
                if (body.Length + read > Most)
                {
                    throw TooLarge();
                }

                body.Write(octets, 0, read);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException and not BadHttpRequestException
            || (e is BadHttpRequestException && context.RequestAborted.IsCancellationRequested))
        {
            // The connection is gone, or was ended here; the server may learn of it a little later, and would read on.
            context.Abort();
            return null;
        }

        body.Position = 0;
        return body;
    }

    private static BadHttpRequestException TooLarge() => new(Remedy, StatusCodes.Status413PayloadTooLarge);
}
