using System.Globalization;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Observed;
using SmtpProxy.Rehearsals.Reports;
using SmtpProxy.Rehearsals.Stops;

namespace SmtpProxy.Rehearsals;

/// <summary>One rehearsal: steady state, faults armed, faults gone; and the verdict.</summary>
/// <param name="plan">The rehearsal.</param>
/// <param name="api">The proxy that it is rehearsed with.</param>
/// <param name="client">The client under test; null: mail passes by itself.</param>
/// <param name="time">The clock.</param>
internal sealed class RehearsalRun(RehearsalPlan plan, IProxyApi api, IRehearsedClient? client, TimeProvider time)
{
    /// <summary>A phase begins, or something was seen of it.</summary>
    public event Action<string, Observation?>? Progress;

    /// <summary>What is left of it in the proxy; null: nothing.</summary>
    public string? Left { get; private set; }

    /// <summary>Goes through it.</summary>
    /// <param name="cancel">Ends it early; what was armed is taken back.</param>
    /// <exception cref="RehearsalRefusedException">It cannot be run.</exception>
    public async Task<RehearsalResult> RunAsync(CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var phases = new List<PhaseResult>();
        var result = new RehearsalResult { Plan = plan, Verdict = RehearsalVerdict.Passed, Phases = phases };
        result = result with { Seed = await ArmedRules.RequireNoneAsync(api).ConfigureAwait(false) };
        try
        {
            result = await PhasesAsync(phases, result, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            result = result with { Verdict = RehearsalVerdict.NotRun, Reason = "it was interrupted" };
        }

        if (Left is { } left)
        {
            result = result with
            {
                Verdict = result.Verdict == RehearsalVerdict.Failed ? RehearsalVerdict.Failed : RehearsalVerdict.NotRun,
                Reason = result.Reason is { } why ? $"{why}; {left}" : left,
            };
        }

        return result with { Duration = time.GetElapsedTime(began), ClientOutput = client?.Output ?? "" };
    }

    private async Task<RehearsalResult> PhasesAsync(List<PhaseResult> phases, RehearsalResult result, CancellationToken cancel)
    {
        if (plan.Before.Count > 0)
        {
            var (before, _) = await PhaseAsync("before", plan.Before, [], cancel).ConfigureAwait(false);
            phases.Add(before);
            if (!before.IsHeld)
            {
                return result with { Verdict = RehearsalVerdict.NotRun, Reason = "the steady state is not there" };
            }
        }

        var armed = new ArmedRules(api, plan.Longest);
        RehearsalPhase during;
        try
        {
            await armed.ArmAsync(plan.Rules).ConfigureAwait(false);
            (var seen, during) = await PhaseAsync("during", plan.During, plan.Stops, cancel).ConfigureAwait(false);
            phases.Add(seen);
        }
        finally
        {
            Left = await armed.RemoveAsync().ConfigureAwait(false);
        }

        if (during.Stopped is { } why)
        {
            return result with { Verdict = RehearsalVerdict.Failed, Reason = $"stopped: {why}", HaltedAfter = during.HaltedAfter };
        }

        if (plan.After.Count > 0)
        {
            phases.Add((await PhaseAsync("after", plan.After, [], cancel).ConfigureAwait(false)).Result);
        }

        return phases.Sum(static p => p.Seen.Missed) is > 0 and var missed
            ? result with
            {
                Verdict = RehearsalVerdict.Failed,
                Reason = string.Create(CultureInfo.InvariantCulture,
                    $"{missed} sessions could not be looked at; raise SmtpProxy:Live:MaxPerSecond, or send less"),
            }
            : phases.TrueForAll(static p => p.IsHeld) ? result
            : result with { Verdict = RehearsalVerdict.Failed };
    }

    private async Task<(PhaseResult Result, RehearsalPhase Phase)> PhaseAsync(string name, IReadOnlyList<Expectation> expected,
        IReadOnlyList<StopCondition> stops, CancellationToken cancel)
    {
        Progress?.Invoke(name, null);
        var phase = new RehearsalPhase(plan, api, client, time);
        return (await phase.RunAsync(name, expected, stops, seen => Progress?.Invoke(name, seen), cancel).ConfigureAwait(false), phase);
    }
}
