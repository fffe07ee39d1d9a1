using Microsoft.AspNetCore.OpenApi;
using SmtpProxy.Admin.Requests;

namespace SmtpProxy.Admin.Described;

/// <summary><c>/docs</c>: <c>/openapi/v1.json</c> for people.</summary>
internal static class DocsApi
{
    private const string Document = "v1";
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps it.</summary>
    public static void MapDocs(this RouteGroupBuilder own) =>
        own.MapMethods("/docs", Read, static async (IServiceProvider services, CancellationToken cancel) =>
        {
            // The page and the document cannot differ: one is made of the other.
            var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Document).GetOpenApiDocumentAsync(cancel)
                .ConfigureAwait(false);
            return Results.Content(DocsPage.Render(document), "text/html; charset=utf-8");
        }).ExcludeFromDescription().WithMetadata(new OwnPolicy(DocsPage.Policy));
}
