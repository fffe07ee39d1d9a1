using SmtpProxy.Admin.Faults;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;
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
            .AddOpenApi(ApiDescription.Complete)
            // Then what is wrong with a body can be said.
            .Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true)
            .ConfigureHttpJsonOptions(static json =>
            {
                json.SerializerOptions.AllowDuplicateProperties = false;
                json.SerializerOptions.TypeInfoResolverChain.Insert(0, AdminJson.Default);
                json.SerializerOptions.TypeInfoResolverChain.Insert(1, FaultsJson.Default);
                json.SerializerOptions.Converters.Add(new ObjectsWithoutTwins());
            })
            .AddSingleton<StreamPlaces>()
            .AddSingleton<NowView>()
            .AddSingleton<TokenFailures>()
            .AddSingleton(configuration.GetSection(AdminOptions.Section).Get<AdminOptions>() ?? new AdminOptions())
            .AddSingleton<Readiness>();
    }

    /// <summary>Maps the gate and every path. Call it first: what is mapped after it is gated too.</summary>
    /// <param name="app">What serves it.</param>
    /// <param name="hint">The end of a sentence that refuses a name, given those that are known.</param>
    public static void MapAdmin(this WebApplication app, Func<string, IReadOnlyCollection<string>, string> hint)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<ResponseHeaders>();
        app.UseExceptionHandler();
        app.UseMiddleware<HttpRefusals>(hint);
        app.UseMiddleware<AdminAuthorization>();
        app.UseMiddleware<ForeignPages>();
        app.UseMiddleware<Bodies>();
        app.MapPrometheusScrapingEndpoint();
        app.MapOpenApi();
        var own = app.MapGroup("");
        own.MapMethods("/", Read, static (Readiness readiness, SessionHost sessions, IServiceProvider services) =>
            Results.Content(StatusPage.Render(readiness, sessions, services.Relays()), "text/html; charset=utf-8"));
        own.MapMethods("/healthz", Read, static () => Results.Json(new Alive("alive")));
        own.MapMethods("/readyz", Read, static (Readiness readiness) => readiness.Reason is { } reason
            ? Results.Json(new NotReady("not ready", reason), statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(new Ready("ready", readiness.Listeners)));
        own.MapRelays();
        own.MapFaults();
        own.MapSessions();
        own.MapGet("/api/v1/now", static (NowView now) => Results.Text(now.Text(), "application/json")).WithSummary("Is mail flowing; if not, who is it");
        own.MapMethods("/api/v1/codes/{code}", Read, static (string code) => Explain(code));
        own.MapMethods("/api/v1/codes", Read, static (string? line) => Explain(line ?? ""));
    }

    private static IResult Explain(string text) => Catalogue.Find(text) is { } answer
        ? Results.Json(answer)
        : Results.Problem(
            "Ask for a reply code (/api/v1/codes/354), an enhanced code (/api/v1/codes/5.7.1), or a reply line (/api/v1/codes?line=550%205.1.1%20no).",
            statusCode: StatusCodes.Status404NotFound, title: "No reply code");
}
