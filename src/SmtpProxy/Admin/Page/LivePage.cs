using System.Collections.Concurrent;
using SmtpProxy.Admin.Requests;

namespace SmtpProxy.Admin.Page;

/// <summary>The page at <c>/</c>, for a person who wants to know whether mail flows, and if not, why. It is a client of the API: what it is
/// made of is in <c>assets/</c>, embedded in this assembly, and holds nothing of anybody's mail. Therefore it needs no token.</summary>
internal static class LivePage
{
    /// <summary>What a browser may do with it: run and load what this server has, and nothing else; nothing that stands in the page itself.
    /// The charts are drawn with styles that scripts set, which no policy forbids.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action " +
            "'none'; frame-ancestors 'none'";

    private static readonly ConcurrentDictionary<string, Asset> Files = new(StringComparer.Ordinal);

    /// <summary>Maps the page and its files.</summary>
    public static void MapPage(this RouteGroupBuilder own)
    {
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        own.MapMethods("/", read, static (HttpContext context) => SendAsync(context, "index.html")).WithMetadata(new ServedToAnybody())
            .ExcludeFromDescription();
        own.MapMethods("/assets/{**name}", read, static (HttpContext context, string name) => SendAsync(context, name))
            .WithMetadata(new ServedToAnybody()).ExcludeFromDescription();
    }

    private static Task SendAsync(HttpContext context, string name)
    {
        // Names that there are not are not kept.
        var asset = Files.TryGetValue(name, out var known) ? known : Asset.Read(name);
        if (asset is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        Files.TryAdd(name, asset);
        return asset.SendAsync(context);
    }
}
