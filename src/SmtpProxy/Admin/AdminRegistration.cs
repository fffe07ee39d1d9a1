using System.Text.Json.Serialization.Metadata;
using SmtpProxy.Admin.Described;
using SmtpProxy.Admin.Faults;
using SmtpProxy.Admin.Fleet;
using SmtpProxy.Admin.Page;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Codes;
using SmtpProxy.Sessions;

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
                // Bodies are read, and all that is sent is described in /openapi/v1.json, by what is known here.
                IJsonTypeInfoResolver[] known = [RequestsJson.Default, AdminJson.Default, FaultsJson.Default, SightingApiJson.Default,
                    FleetReadsJson.Default, FleetAnswerJson.Default];
                for (var i = 0; i < known.Length; i++)
                {
                    json.SerializerOptions.TypeInfoResolverChain.Insert(i, known[i]);
                }

                json.SerializerOptions.Converters.Add(new ObjectsWithoutTwins());
            })
            .AddSingleton<HttpConnections>()
            .AddSingleton<StreamPlaces>()
            .AddSingleton<NowView>()
            .AddSingleton<SeenClients>()
            .AddSingleton<TokenFailures>()
            .AddSingleton(static s => new Logins(s.GetRequiredService<AdminOptions>().BearerToken, s.GetRequiredService<TimeProvider>()))
            .AddSingleton(configuration.GetSection(AdminOptions.Section).Get<AdminOptions>() ?? new AdminOptions())
            .AddSingleton<Readiness>();
    }

    /// <summary>Adds what asks the other members of the fleet.</summary>
    public static IServiceCollection AddFleetReading(this IServiceCollection services, FleetReading reading) => services
        .AddSingleton(reading).AddSingleton<AnswerOfSelf>().AddSingleton<PeerClient>().AddSingleton<FleetAsker>();

    /// <summary>Maps the gate and every path. Call it first: what is mapped after it is gated too.</summary>
    /// <param name="app">What serves it.</param>
    /// <param name="hint">The end of a sentence that refuses a name, given those that are known.</param>
    /// <param name="settings">The effective configuration, as it may be shown; null: nobody knows it.</param>
    public static void MapAdmin(this WebApplication app, Func<string, IReadOnlyCollection<string>, string> hint,
        Func<IReadOnlyList<ShownSetting>>? settings = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<ResponseHeaders>();
        app.UseExceptionHandler();
        app.UseMiddleware<HttpRefusals>(hint);
        app.UseMiddleware<AdminAuthorization>();
        app.UseMiddleware<ForeignPages>();
        app.UseMiddleware<Bodies>();
        app.UseMiddleware<UnknownParameters>(hint);
        app.MapPrometheusScrapingEndpoint();
        app.MapOpenApi();
        var own = app.MapGroup("");
        own.MapPage();
        own.MapMethods("/healthz", Read, static () => Results.Json(new HealthAnswer("alive"), RequestsJson.Sent.HealthAnswer))
            .Produces<HealthAnswer>().WithTags("health").WithSummary("Whether the process is alive");
        own.MapMethods("/readyz", Read, static (Readiness readiness) => readiness.Reason is { } reason
            ? Results.Json(new NotReadyAnswer("not ready", reason), RequestsJson.Sent.NotReadyAnswer,
                statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(new ReadyAnswer("ready", readiness.Listeners), RequestsJson.Sent.ReadyAnswer))
            .Produces<ReadyAnswer>().Produces<NotReadyAnswer>(StatusCodes.Status503ServiceUnavailable).WithTags("health")
            .WithSummary("Whether it takes sessions");
        own.MapRelays();
        own.MapLogin();
        own.MapFaults();
        own.MapFleet();
        own.MapFleetReads();
        own.MapSessions();
        own.MapNow();
        own.MapSearch();
        own.MapClients();
        own.MapSetup(settings ?? (static () => []));
        own.MapDocs();
        own.MapMethods("/api/v1/codes/{code}", Read, static (string code) => Explain(code)).Produces<CodeAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound).WithTags("codes").WithSummary("What a code means");
        own.MapMethods("/api/v1/codes", Read, static (string? line) => line is null
            ? Results.Json(WholeCatalogue.All, AdminJson.Sent.WholeCatalogue) : Explain(line))
            .Produces<WholeCatalogue>().ProducesProblem(StatusCodes.Status404NotFound).WithTags("codes")
            .WithSummary("The catalogue of codes; with a line, what that line says");
    }

    private static IResult Explain(string text) => Catalogue.Find(text) is { } answer
        ? Results.Json(answer, AdminJson.Sent.CodeAnswer)
        : Results.Problem(
            "Ask for a reply code (/api/v1/codes/354), an enhanced code (/api/v1/codes/5.7.1), or a reply line (/api/v1/" +
                "codes?line=550%205.1.1%20no).",
            statusCode: StatusCodes.Status404NotFound, title: "No reply code");
}
