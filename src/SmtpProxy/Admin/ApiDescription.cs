using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Codes;

namespace SmtpProxy.Admin;

/// <summary>Adds to <c>/openapi/v1.json</c> what holds for every path: the token, and the answers to
/// requests that cannot be served.</summary>
internal static class ApiDescription
{
    private const string Scheme = "bearer", Login = "cookie", Problem = "Problem", ProblemType = "application/problem+json";

    private static readonly (int Status, string When)[] Always =
    [
        (StatusCodes.Status401Unauthorized, "The token is missing or wrong"),
        (StatusCodes.Status413PayloadTooLarge, Bodies.Remedy),
        (StatusCodes.Status421MisdirectedRequest, "Without a token, only localhost and loopback addresses are answered to"),
        (StatusCodes.Status429TooManyRequests, "Too many wrong tokens"),
    ];

    private static readonly (int Status, string When)[] OfChanges =
        [(StatusCodes.Status403Forbidden, "A page of another origin has asked")];

    private static readonly (int Status, string When)[] OfQueries =
        [(StatusCodes.Status400BadRequest, "The query has a parameter that is not known here")];

    private static readonly (int Status, string When)[] OfBodies =
        [(StatusCodes.Status400BadRequest, "The body is no such JSON"),
            (StatusCodes.Status415UnsupportedMediaType, "The body is not application/json")];

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
        document.Components.SecuritySchemes[Login] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = Logins.Cookie,
            Description = "What POST /api/v1/login gives a browser that shows the token",
        };
        if (context.ApplicationServices.GetRequiredService<AdminOptions>().BearerToken is not null)
        {
            document.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Login, document)] = [] },
            ];
        }

        ApiNames.Put(document);
        document.AddComponent(Problem, ProblemSchema());
        foreach (var (path, method, operation) in document.Paths.SelectMany(static path =>
            (path.Value.Operations ?? []).Select(o => (path.Key, o.Key, o.Value))))
        {
            operation.Responses ??= [];
            var isReading = method == HttpMethod.Get || method == HttpMethod.Head;
            foreach (var (status, when) in (IEnumerable<(int, string)>)[.. Always, .. isReading ? [] : OfChanges,
                .. operation.RequestBody is null ? [] : OfBodies, .. path.StartsWith("/api/v1", StringComparison.Ordinal) ? OfQueries : []])
            {
                operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
                {
                    Description = when,
                    Content = new Dictionary<string, OpenApiMediaType> { [ProblemType] = new() },
                });
            }

            foreach (var problem in operation.Responses.Values.SelectMany(static r => r.Content
                ?? new Dictionary<string, OpenApiMediaType>()).Where(static c => c.Key == ProblemType).Select(static c => c.Value))
            {
                problem.Schema = new OpenApiSchemaReference(Problem, document);
            }
        }

        foreach (var content in (document.Paths.TryGetValue("/api/v1/codes", out var codes) ? codes.Operations ?? [] : [])
            .SelectMany(static o => o.Value.Responses?["200"].Content ?? new Dictionary<string, OpenApiMediaType>())
                .Select(static c => c.Value))
        {
            // ASP.NET describes one answer for each status.
            content.Schema = new OpenApiSchema
                { OneOf = [new OpenApiSchemaReference(nameof(WholeCatalogue), document),
                    new OpenApiSchemaReference(nameof(CodeAnswer), document)] };
        }

        // What ASP.NET says of an error is less than what is sent.
        document.Components.Schemas?.Remove("ProblemDetails");
        return Task.CompletedTask;
    }

    /// <summary>RFC 9457 3.1.</summary>
    private static OpenApiSchema ProblemSchema()
    {
        static OpenApiSchema Text(string does) => new() { Type = JsonSchemaType.String, Description = does };
        var error = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string>(["path", "text"]),
            Properties = new Dictionary<string, IOpenApiSchema> { ["path"] = Text("Where; empty: all of it"), ["text"] = Text("What") },
        };
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "What is wrong, and what would work",
            Required = new HashSet<string>(["title", "status"]),
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text("The status, as a URL of the RFC that says what it means"),
                ["title"] = Text("What is wrong"),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                ["detail"] = Text("What would work"),
                ["traceId"] = Text("The request's own trace"),
                ["errors"] = new OpenApiSchema
                    { Type = JsonSchemaType.Array, Items = error, Description = "Of rules that cannot work: each thing that is wrong" },
            },
        };
    }
}
