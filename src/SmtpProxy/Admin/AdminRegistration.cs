using SmtpProxy.Admin.Faults;
using SmtpProxy.Codes;
using SmtpProxy.Sessions;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>Puts the HTTP side together.</summary>
public static class AdminRegistration
{
    /// <summary>Load balancers ask with HEAD, too.</summary>
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds what it needs.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services
            .AddProblemDetails()
            .AddOpenApi()
            .AddSingleton(configuration.GetSection(AdminOptions.Section).Get<AdminOptions>() ?? new AdminOptions())
            .AddSingleton<Readiness>();
    }

    /// <summary>Maps the gate and every path. Call it first: what is mapped behind it is gated too.</summary>
    public static void MapAdmin(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        // Answers without a body of their own get one that says what is wrong (RFC 9457).
        app.UseStatusCodePages();
        app.UseMiddleware<Gate>();
        app.MapPrometheusScrapingEndpoint();
        app.MapOpenApi();
        var own = app.MapGroup("").AddEndpointFilter(static (context, next) =>
        {
            // All of it is about this very moment.
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
        own.MapMethods("/", Read, static (Readiness readiness, SessionHost sessions, IServiceProvider services) =>
            Results.Content(StatusPage.Render(readiness, sessions, services.Relays()), "text/html; charset=utf-8"));
        own.MapMethods("/healthz", Read, static () => Results.Json(new { status = "alive" }));
        own.MapMethods("/readyz", Read, static (Readiness readiness) => readiness.Reason is { } reason
            ? Results.Json(new { status = "not ready", reason }, statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(new { status = "ready", listeners = readiness.Listeners }));
        own.MapMethods("/api/v1/upstreams", Read, static (IServiceProvider services) => Results.Json(services.Relays()));
        own.MapFaults();
        own.MapMethods("/api/v1/codes/{code}", Read, static (string code) => Explain(code));
        own.MapMethods("/api/v1/codes", Read, static (string? line) => Explain(line ?? ""));
    }

    private static IResult Explain(string text) => Catalogue.Find(text) is { } answer
        ? Results.Json(answer)
        : Results.Problem(
            "Ask for a reply code (/api/v1/codes/354), an enhanced code (/api/v1/codes/5.7.1), or a reply line (/api/v1/codes?line=550%205.1.1%20no).",
            statusCode: StatusCodes.Status404NotFound, title: "No reply code");
}
