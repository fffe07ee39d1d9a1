using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>Names and types in <c>/openapi/v1.json</c> as they are sent: what is shown of sessions is in snake_case.</summary>
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "All types of the product are kept.")]
internal static class ApiNames
{
    private static readonly string[] Ours = ["SmtpProxy.Admin.Sightings", "SmtpProxy.Live"];

    private static readonly HashSet<string> OurTypes =
        [.. typeof(ApiNames).Assembly.GetTypes().Where(static t => Ours.Contains(t.Namespace) && t != typeof(WholeCatalogue))
            .Select(static t => t.Name)];

    /// <summary>Puts the names of all members, and the types of numbers. ASP.NET shows a schema that is within another one
    /// before that is done to it.</summary>
    public static void Put(OpenApiDocument document)
    {
        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            PutNumbers(schema);
            if (name == nameof(Faults.FaultsApi.AllRules) && schema.Properties?["rules"] is OpenApiSchema rules)
            {
                // What a rule is, /api/v1/faults/schema says.
                rules.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = new OpenApiSchema() };
            }

            if (OurTypes.Contains(name) && schema is OpenApiSchema { Properties: { Count: > 0 } properties } its)
            {
                its.Properties = properties.ToDictionary(static p => Snake(p.Key), static p => p.Value);
                its.Required = its.Required?.Select(Snake).ToHashSet();
            }
        }

        foreach (var operation in document.Paths.Values.SelectMany(static path => path.Operations ?? []).Select(static o => o.Value))
        {
            foreach (var parameter in operation.Parameters ?? [])
            {
                PutNumbers(parameter.Schema);
            }
        }
    }

    /// <summary>Puts what only the type tells.</summary>
    public static void Put(OpenApiSchema schema, Type type)
    {
        if (type == typeof(JsonObject))
        {
            (schema.Type, schema.AdditionalPropertiesAllowed, schema.AdditionalProperties) =
                (JsonSchemaType.Object, true, new OpenApiSchema());
        }

        if (type == typeof(RelayView))
        {
            // It is added to what the pool says of a relay.
            schema.Properties!["phases"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = Phase(),
                Description = "How long its phases took in the last minute, as in /api/v1/now",
            };
            schema.Properties["offers"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = Offer(),
                Description = "What it offers to clients when it is first asked, in the clear and inside TLS, and what it did before",
            };
        }
    }

    /// <summary>Adds the parameters that an endpoint reads by itself, and says where no token is needed.</summary>
    public static void Put(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var (name, does) in metadata.OfType<QueryFields>().SelectMany(static q => q.Fields))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
                { Name = name, In = ParameterLocation.Query, Description = does, Schema = new OpenApiSchema
                    { Type = JsonSchemaType.String } });
        }

        if (metadata.OfType<ServedToAnybody>().Any())
        {
            operation.Security = [];
        }
    }

    private static void PutNumbers(IOpenApiSchema? schema)
    {
        if (schema is not OpenApiSchema its)
        {
            return;
        }

        if (its.Type is { } types && types.HasFlag(JsonSchemaType.String)
            && (types & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
        {
            // They may be sent as texts to the proxy; it sends numbers.
            (its.Type, its.Pattern) = (types & ~JsonSchemaType.String, null);
        }

        foreach (var inner in (IEnumerable<IOpenApiSchema?>)[.. its.Properties?.Values ?? [], .. its.OneOf ?? [], .. its.AnyOf ?? [],
            its.Items, its.AdditionalProperties])
        {
            PutNumbers(inner);
        }
    }

    private static OpenApiSchema Offer() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string>(["channel", "now", "before", "changedAt", "changes"]),
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["channel"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["now"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            ["before"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array | JsonSchemaType.Null, Items = new OpenApiSchema { Type = JsonSchemaType.String },
            },
            ["changedAt"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Format = "date-time" },
            ["changes"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        },
    };

    private static OpenApiSchema Phase() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string>(["phase", "count", "p50_ms", "p95_ms"]),
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["phase"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["count"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
            ["p50_ms"] = new OpenApiSchema { Type = JsonSchemaType.Number | JsonSchemaType.Null, Format = "double" },
            ["p95_ms"] = new OpenApiSchema { Type = JsonSchemaType.Number | JsonSchemaType.Null, Format = "double" },
        },
    };

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
