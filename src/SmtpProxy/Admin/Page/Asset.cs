using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace SmtpProxy.Admin.Page;

/// <summary>One file of the page, as it is sent. Read, hashed and compressed when it is first asked for: whoever never looks
/// at the page pays nothing.</summary>
internal sealed class Asset
{
    private readonly byte[] _plain;
    private readonly byte[] _compressed;
    private readonly string _type;

    private Asset(byte[] plain, string type)
    {
        _plain = plain;
        _type = type;
        Tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(plain))[..32]}\"");
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.SmallestSize))
        {
            brotli.Write(plain);
        }

        _compressed = packed.ToArray();
    }

    /// <summary>What names this very content (RFC 9110 8.8.3).</summary>
    public EntityTagHeaderValue Tag { get; }

    /// <summary>Reads one from this assembly; null: there is none of that name.</summary>
    /// <param name="name">Its path below <c>assets/</c>.</param>
    public static Asset? Read(string name)
    {
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream($"SmtpProxy.Page/{name}");
        if (stream is null || TypeOf(name) is not { } type)
        {
            return null;
        }

        using var whole = new MemoryStream();
        stream.CopyTo(whole);
        return new Asset(whole.ToArray(), type);
    }

    /// <summary>Sends it, or says that the browser's copy is still good. A copy may be kept, but is asked about each time: after an update
    /// of the proxy no browser runs half of the old page.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = Tag.ToString();
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (request.GetTypedHeaders().IfNoneMatch
            .Any(known => known.Compare(Tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var body = _plain;
        if (request.GetTypedHeaders().AcceptEncoding
            .Any(static coding => coding.Value.Equals("br", StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0))
        {
            response.Headers.ContentEncoding = "br";
            body = _compressed;
        }

        response.ContentType = _type;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>What is not of these types is not served, such as what says where the vendored files come from.</summary>
    private static string? TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => null,
    };
}
