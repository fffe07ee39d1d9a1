using System.Globalization;
using System.Text.Json.Nodes;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Admin.Faults;

/// <summary><c>/api/v1/faults/…</c>: everything about faults, over HTTP.</summary>
internal static class FaultsApi
{
    private const int MostInjections = 1000;

    /// <summary>Maps the paths.</summary>
    public static void MapFaults(this RouteGroupBuilder own)
    {
        var faults = own.MapGroup("/api/v1/faults").WithTags("faults").AddEndpointFilter<FaultsGuard>();
        faults.MapGet("/status", static (FaultEngine engine) => Results.Json(engine.Status(), FaultsJson.Sent.FaultStatus))
            .Produces<FaultStatus>().WithMetadata(Requests.ServedToFleet.Mark).WithSummary("Where faults stand");
        faults.MapPost("/halt", Halt).Produces<FaultStatus>()
            .WithSummary("Stop all faults at once and release what they hold; latched until resume");
        faults.MapPost("/resume", static (FaultEngine engine) => engine.Switch.Resume() is { } why
            ? FaultsProblem.Conflict("Faults stay halted", why)
            : Results.Json(engine.Status(), FaultsJson.Sent.FaultStatus)).Produces<FaultStatus>()
            .ProducesProblem(StatusCodes.Status409Conflict).WithSummary("Let faults strike again");
        faults.MapGet("/rules", static (FaultEngine engine) =>
            Results.Json(new AllRules(engine.Rules.Revision, engine.Rules.Texts()), FaultsJson.Sent.AllRules)).Produces<AllRules>()
            .WithSummary("All rules");
        faults.MapPut("/rules", PutAll).Produces<RuleChanged>().ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Replace all rules made over HTTP, at once");
        faults.MapGet("/rules/{id}", GetRule).Produces<JsonObject>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("One rule");
        faults.MapPut("/rules/{id}", PutRule).Produces<RuleChanged>().ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Make or replace a rule; it must have a ttl");
        faults.MapDelete("/rules/{id}", DeleteRule).Produces<RuleChanged>().ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithSummary("Remove a rule");
        faults.MapPost("/reset", Reset).Produces<FaultStatus>().ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Remove the rules made over HTTP and forget what was counted; a halt stays");
        faults.MapPost("/explain", Explain).Accepts<ImaginedSession>("application/json").Produces<IReadOnlyList<PointExplanation>>()
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Which rule would strike in a session such as this, and why");
        faults.MapGet("/injections", Injections).Produces<IReadOnlyList<InjectionView>>().WithSummary("The last injections, oldest first");
        faults.MapGet("/schema", static () => Results.Json(RuleSchema.Create(), FaultsJson.Sent.JsonObject,
            contentType: "application/schema+json"))
            .Produces<JsonObject>(contentType: "application/schema+json").WithSummary("The JSON Schema of a rule");
        faults.MapScenarios();
    }

    private static IResult Halt(FaultEngine engine, HaltRequest? body)
    {
        engine.Switch.Halt(body?.Reason is { Length: > 0 } reason ? reason : "asked for over HTTP", "api");
        return Results.Json(engine.Status(), FaultsJson.Sent.FaultStatus);
    }

    private static IResult GetRule(FaultEngine engine, HttpResponse response, string id)
    {
        response.Headers.ETag = $"\"{engine.Rules.Revision.ToString(CultureInfo.InvariantCulture)}\"";
        return engine.Rules.Texts().TryGetValue(id, out var rule) ? Results.Json(rule, FaultsJson.Sent.JsonObject)
            : FaultsProblem.NotFound(id);
    }

    private static async Task<IResult> PutRule(FaultEngine engine, HttpRequest request, string id, JsonObject rule) =>
        FaultsProblem.TryRevision(request, out var revision) is { } problem
            ? problem : FaultsProblem.Of(await engine.Desk.PutAsync(id, rule, revision).ConfigureAwait(false), engine, id);

    private static async Task<IResult> DeleteRule(FaultEngine engine, HttpRequest request, string id) =>
        FaultsProblem.TryRevision(request, out var revision) is { } problem
            ? problem : FaultsProblem.Of(await engine.Desk.DeleteAsync(id, revision).ConfigureAwait(false), engine, id);

    private static async Task<IResult> PutAll(FaultEngine engine, HttpRequest request, JsonObject rules)
    {
        if (FaultsProblem.TryRevision(request, out var revision) is { } problem)
        {
            return problem;
        }

        if (rules.FirstOrDefault(static r => r.Value is not JsonObject) is { Key: { } odd })
        {
            return FaultsProblem.Refused([new RuleError(odd, "is no rule; the body is an object of rules by name")]);
        }

        KeyValuePair<string, JsonObject>[] all = [.. rules.Select(static r => KeyValuePair.Create(r.Key, r.Value!.AsObject()))];
        return FaultsProblem.Of(await engine.Desk.PutAllAsync(all, revision, keepOthers: false).ConfigureAwait(false), engine, "");
    }

    private static async Task<IResult> Reset(FaultEngine engine) =>
        await engine.Desk.ResetAsync().ConfigureAwait(false) is { Kind: RuleChangeKind.Unreachable } unreachable
            ? FaultsProblem.Of(unreachable, engine, "")
            : Results.Json(engine.Status(), FaultsJson.Sent.FaultStatus);

    private static IResult Explain(FaultEngine engine, JsonObject session) => ImaginedSession.Read(session, out var errors) is { } imagined
        ? Results.Json(engine.Explain(imagined.Facts()), FaultsJson.Sent.IReadOnlyListPointExplanation)
        : FaultsProblem.Refused(errors, "The session cannot be imagined");

    private static IResult Injections(FaultEngine engine, string? rule, long? after, int? limit) =>
        Results.Json(engine.Injections.After(after ?? 0, rule, Math.Clamp(limit ?? MostInjections, 1, MostInjections))
            .Select(static e => InjectionView.Of(e.Id, e.Injection)).ToArray(), FaultsJson.Sent.IReadOnlyListInjectionView);

    // Generated code has to see them.
    internal sealed record HaltRequest(string? Reason);

    internal sealed record AllRules(long Revision, IReadOnlyDictionary<string, JsonObject> Rules);
}
