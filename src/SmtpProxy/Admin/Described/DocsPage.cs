using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.OpenApi;

namespace SmtpProxy.Admin.Described;

/// <summary>Writes the description of the API as a page: every path with what it takes and answers, and every object with its members. It
/// runs no script and loads nothing.</summary>
internal static class DocsPage
{
    private const string Style = """
        :root{color-scheme:light dark}
        body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
        h1,h2,h3{line-height:1.25}h2{margin-top:2.5rem;border-bottom:1px solid #8886}h3{margin:0}
        code,.path{font-family:ui-monospace,monospace;font-size:.95em;overflow-wrap:anywhere}
        details{margin:.4rem 0;border:1px solid #8884;border-radius:6px;padding:.4rem .8rem}summary{cursor:pointer}
        .verb{display:inline-block;min-width:4.5rem;font-weight:700}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.5rem 0}
        td,th{padding:.2rem .6rem .2rem 0;border-bottom:1px solid #8884;text-align:left;vertical-align:top}
        """;

    /// <summary>What a browser may do with it.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri " +
            $"'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Writes it.</summary>
    public static string Render(OpenApiDocument document)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>SmtpProxy: the HTTP API</title>
            <style>{Style}</style></head><body><main><h1>The HTTP API of SmtpProxy {Text(document.Info.Version)}</h1><p>{Text(document.Info.Description)} For programs: <a href="/openapi/v1.json">/openapi/v1.json</a>.</p>
            """);
        WriteSecurity(page, document);
        foreach (var tag in document.Paths.SelectMany(static p => p.Value.Operations ?? [],
            static (path, operation) => (path.Key, Method: operation.Key, Operation: operation.Value))
            .GroupBy(static o => o.Operation.Tags?.FirstOrDefault()?.Name ?? "other").OrderBy(static g => g.Key, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2 id=\"{Text(tag.Key)}\">{Text(tag.Key)}</h2>");
            foreach (var (path, method, operation) in tag.Where(static o => o.Method != HttpMethod.Head))
            {
                WriteOperation(page, path, method, operation);
            }
        }

        page.Append("<h2 id=\"objects\">Objects</h2>");
        foreach (var (name, schema) in (document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
            .OrderBy(static s => s.Key, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<details id=\"of-{Text(name)}\"><summary><strong>{Text(name)}</strong></summary>{Paragraph(schema.Description)}");
            WriteMembers(page, schema);
            page.Append("</details>");
        }

        return page.Append("</main></body></html>").ToString();
    }

    private static void WriteSecurity(StringBuilder page, OpenApiDocument document)
    {
        page.Append(document.Security is { Count: > 0 }
            ? "<p>Every request needs one of these, unless it is said otherwise.</p><ul>"
                : "<p>No token is set: every program on this machine is served. With one, every request needs one of these.</p><ul>");
        foreach (var (name, scheme) in document.Components?.SecuritySchemes ?? new Dictionary<string, IOpenApiSecurityScheme>())
        {
            page.Append(CultureInfo.InvariantCulture, $"<li><strong>{Text(name)}</strong>: {Text(scheme.Description)}</li>");
        }

        page.Append("</ul>");
    }

    private static void WriteOperation(StringBuilder page, string path, HttpMethod method, OpenApiOperation operation)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"<details><summary><span class=\"verb\">{method}</span> <span class=\"path\">{Text(path)}</span> " +
                $"{Text(operation.Summary)}</summary>{Paragraph(operation.Description)}");
        if (operation.Security is { Count: 0 })
        {
            page.Append("<p>It needs no token.</p>");
        }

        if (operation.Parameters is { Count: > 0 } parameters)
        {
            page.Append(
                "<div class=\"scroll\"><table><thead><tr><th>parameter</th><th>in</th><th>type</th><th>what it does</th></tr></" +
                    "thead><tbody>");
            foreach (var parameter in parameters)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"<tr><td><code>{Text(parameter.Name)}</code></td><td>{parameter.In?.ToString().ToLowerInvariant()}</" +
                        $"td><td>{SchemaText.Of(parameter.Schema)}</td><td>{Text(parameter.Description)}</td></tr>");
            }

            page.Append("</tbody></table></div>");
        }

        if (operation.RequestBody?.Content is { } bodies)
        {
            foreach (var (type, body) in bodies)
            {
                page.Append(CultureInfo.InvariantCulture, $"<p>Body: {Text(type)}, {SchemaText.Of(body.Schema)}</p>");
            }
        }

        page.Append("<div class=\"scroll\"><table><thead><tr><th>answer</th><th>content</th><th>when</th></tr></thead><tbody>");
        foreach (var (status, answer) in (operation.Responses ?? []).OrderBy(static r => r.Key, StringComparer.Ordinal))
        {
            var content = string.Join("<br>", (answer.Content ?? new Dictionary<string, OpenApiMediaType>())
                .Select(static c => $"{Text(c.Key)}{(c.Value.Schema is { } schema ? $", {SchemaText.Of(schema)}" : "")}"));
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td><code>{Text(status)}</code></td><td>{content}</td><td>{Text(answer.Description)}</td></tr>");
        }

        page.Append("</tbody></table></div></details>");
    }

    private static void WriteMembers(StringBuilder page, IOpenApiSchema schema)
    {
        if (schema.Properties is not { Count: > 0 } members)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{SchemaText.Of(schema)}</p>");
            return;
        }

        page.Append("<div class=\"scroll\"><table><thead><tr><th>member</th><th>type</th><th>what it is</th></tr></thead><tbody>");
        foreach (var (name, member) in members)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td><code>{Text(name)}</code>{(schema.Required?.Contains(name) == true ? "" : " (may be missing)")}</" +
                    $"td><td>{SchemaText.Of(member)}</td><td>{Text(member.Description)}</td></tr>");
        }

        page.Append("</tbody></table></div>");
    }

    private static string Paragraph(string? text) => string.IsNullOrEmpty(text) ? "" : $"<p>{Text(text)}</p>";

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");
}
