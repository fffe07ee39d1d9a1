using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SmtpProxy.Admin.Requests;

namespace SmtpProxy.Admin;

/// <summary>Adds to <c>/openapi/v1.json</c> what holds for every path: the token, and the answers to requests that cannot be served.</summary>
internal static class ApiDescription
{
    private const string Scheme = "bearer";

    private static readonly (int Status, string When)[] Always =
    [
        (StatusCodes.Status401Unauthorized, "The token is missing or wrong"),
        (StatusCodes.Status413PayloadTooLarge, Bodies.Remedy),
        (StatusCodes.Status421MisdirectedRequest, "Without a token, only localhost and loopback addresses are answered to"),
        (StatusCodes.Status429TooManyRequests, "Too many wrong tokens"),
    ];

    private static readonly (int Status, string When)[] OfChanges = [(StatusCodes.Status403Forbidden, "A page of another origin has asked")];

    private static readonly (int Status, string When)[] OfBodies =
        [(StatusCodes.Status400BadRequest, "The body is no such JSON"), (StatusCodes.Status415UnsupportedMediaType, "The body is not application/json")];

    /// <summary>Adds it.</summary>
    public static void Complete(OpenApiOptions options)
    {
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            ApiNames.Put(schema, context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            ApiNames.Put(operation, context.Description.ActionDescriptor.EndpointMetadata);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(Complete);
    }

    private static Task Complete(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "SmtpProxy",
            Version = ProductVersion.Text,
            Description = "Sessions, relays, codes and faults of a proxy for SMTP, at this moment.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Scheme,
            Description = $"The token of {AdminOptions.Section}:BearerToken, where one is set",
        };
        if (context.ApplicationServices.GetRequiredService<AdminOptions>().BearerToken is not null)
        {
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        }

        foreach (var (method, operation) in document.Paths.Values.SelectMany(static path => path.Operations ?? []))
        {
            operation.Responses ??= [];
            var isReading = method == HttpMethod.Get || method == HttpMethod.Head;
            foreach (var (status, when) in (IEnumerable<(int, string)>)[.. Always, .. isReading ? [] : OfChanges, .. operation.RequestBody is null ? [] : OfBodies])
            {
                operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
                {
                    Description = when,
                    Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() },
                });
            }
        }

        return Task.CompletedTask;
    }
}
