using System.Text.Json;
using Microsoft.OpenApi;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>Names in <c>/openapi/v1.json</c> as they are sent: what is shown of sessions is in snake_case.</summary>
internal static class ApiNames
{
    private static readonly string[] Ours = ["SmtpProxy.Admin.Sightings", "SmtpProxy.Live"];

    /// <summary>Puts the names of a type's members.</summary>
    public static void Put(OpenApiSchema schema, Type type)
    {
        if (type == typeof(RelayView))
        {
            // It is added to what the pool says of a relay.
            schema.Properties!["phases"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object }, Description = "How long its phases took in the last minute, as in /api/v1/now" };
        }

        if (!Ours.Contains(type.Namespace) || type == typeof(WholeCatalogue) || schema.Properties is not { Count: > 0 } properties)
        {
            return;
        }

        schema.Properties = properties.ToDictionary(static p => Snake(p.Key), static p => p.Value);
        schema.Required = schema.Required?.Select(Snake).ToHashSet();
    }

    /// <summary>Adds the parameters that an endpoint reads by itself.</summary>
    public static void Put(OpenApiOperation operation, IEnumerable<object> metadata)
    {
        foreach (var (name, does) in metadata.OfType<QueryFields>().SelectMany(static q => q.Fields))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = does, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
