using System.Net;
using Microsoft.OpenApi;

namespace SmtpProxy.Admin.Described;

/// <summary>A schema in a few words of HTML, which lead to the object that it names.</summary>
internal static class SchemaText
{
    /// <summary>The words.</summary>
    public static string Of(IOpenApiSchema? schema) => schema switch
    {
        null => "",
        OpenApiSchemaReference { Reference.Id: { } id } => $"<a href=\"#of-{Text(id)}\">{Text(id)}</a>",
        { OneOf: { Count: > 0 } choices } => Choices(choices),
        { AnyOf: { Count: > 0 } choices } => Choices(choices),
        { Items: { } items } => $"list of {Of(items)}{OrNull(schema)}",
        { AdditionalProperties: { } values, Properties: not { Count: > 0 } } =>
            Of(values) is { Length: > 0 } of ? $"object by name, of {of}" : "any object",
        { Properties: { Count: > 0 } members } =>
            $"object of {string.Join(", ", members.Keys.Select(static name => $"<code>{Text(name)}</code>"))}",
        { Type: { } type } => $"{Name(type)}{(schema.Format == "date-time" ? ", a time (RFC 3339)" : "")}",
        _ => "",
    };

    private static string Choices(IEnumerable<IOpenApiSchema> choices) =>
        string.Join(" or ", choices.Select(Of).Where(static words => words.Length > 0).OrderBy(static words => words == "null"));

    private static string OrNull(IOpenApiSchema schema) => schema.Type?.HasFlag(JsonSchemaType.Null) == true ? " or null" : "";

    private static string Name(JsonSchemaType type) =>
        string.Join(" or ", Enum.GetValues<JsonSchemaType>().Where(t => t != JsonSchemaType.Null && type.HasFlag(t))
            .Append(JsonSchemaType.Null)
        .Where(t => type.HasFlag(t)).Select(static t => t switch
        {
            JsonSchemaType.String => "text",
            JsonSchemaType.Boolean => "true or false",
            _ => t.ToString().ToLowerInvariant(),
        }));

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
