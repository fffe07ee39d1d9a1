using SmtpProxy.Sessions;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>Puts the HTTP side together.</summary>
public static class AdminRegistration
{
    /// <summary>Adds what it needs.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services
            .AddSingleton(configuration.GetSection(AdminOptions.Section).Get<AdminOptions>() ?? new AdminOptions())
            .AddSingleton<Readiness>();
    }

    /// <summary>Maps the gate and every path. Call it first: what is mapped behind it is gated too.</summary>
    public static void MapAdmin(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<Gate>();
        app.MapPrometheusScrapingEndpoint();
        app.MapGet("/", static (Readiness readiness, SessionHost sessions, IServiceProvider services) =>
            Results.Content(StatusPage.Render(readiness, sessions, services.Relays()), "text/html; charset=utf-8"));
        app.MapGet("/healthz", static () => Results.Json(new { status = "alive" }));
        app.MapGet("/readyz", static (Readiness readiness) => readiness.Reason is { } reason
            ? Results.Json(new { status = "not ready", reason }, statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(new { status = "ready", listeners = readiness.Listeners }));
        app.MapGet("/api/v1/upstreams", static (IServiceProvider services) => Results.Json(services.Relays()));
    }
}
