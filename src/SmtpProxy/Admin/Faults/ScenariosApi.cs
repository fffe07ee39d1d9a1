using SmtpProxy.Admin.Requests;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Presets;

namespace SmtpProxy.Admin.Faults;

/// <summary>A preset was started.</summary>
/// <param name="RunId">What ends it.</param>
/// <param name="Rules">The rules that it made.</param>
/// <param name="Revision">Of all rules, after it.</param>
internal sealed record PresetStarted(string RunId, IReadOnlyList<string> Rules, long Revision);

/// <summary><c>/api/v1/faults/scenarios</c>: presets that are started and stopped.</summary>
internal static class ScenariosApi
{
    /// <summary>Maps the paths.</summary>
    public static void MapScenarios(this RouteGroupBuilder faults)
    {
        faults.MapGet("/scenarios", static () => Results.Json(PresetCatalogue.All, FaultsJson.Sent.IReadOnlyListPreset))
            .Produces<IReadOnlyList<Preset>>().WithSummary("The presets there are");
        faults.MapPost("/scenarios/{name}/start", Start).Produces<PresetStarted>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Start a preset: ttl, and if wanted match, set, scale");
        faults.MapDelete("/scenarios/{runId}",
            static async (FaultEngine engine, string runId) =>
                FaultsProblem.Of(await engine.Desk.StopAsync(runId).ConfigureAwait(false), engine, runId))
            .Produces<RuleChanged>().ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithSummary("End a run early");
    }

    private static async Task<IResult> Start(FaultEngine engine, string name, PresetStart? start)
    {
        if (PresetCatalogue.Find(name) is not { } preset)
        {
            return FaultsProblem.NotFound(name,
                $"There is no preset \"{HttpRefusals.Short(name)}\"; there are " +
                    $"{string.Join(", ", PresetCatalogue.All.Select(static p => p.Name))}.");
        }

        var (change, run, rules) = await engine.Desk.StartAsync(preset, start ?? new PresetStart(null, null, null, null))
            .ConfigureAwait(false);
        return change.Kind == RuleChangeKind.Done
            ? Results.Json(new PresetStarted(run, rules, change.Revision), FaultsJson.Sent.PresetStarted,
                statusCode: StatusCodes.Status201Created)
            : FaultsProblem.Of(change, engine, name);
    }
}
