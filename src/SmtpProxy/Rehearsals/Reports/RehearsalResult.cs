using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Reports;

/// <summary>One expectation and what was seen of it.</summary>
internal sealed record JudgedExpectation(Expectation Expectation, Judgement Judgement);

/// <summary>One phase: <c>before</c>, <c>during</c> or <c>after</c> the faults.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Seen">What was seen.</param>
/// <param name="Judged">Its expectations.</param>
internal sealed record PhaseResult(string Name, Observation Seen, IReadOnlyList<JudgedExpectation> Judged)
{
    /// <summary>Whether all that was expected is so.</summary>
    public bool IsHeld => Judged.All(static j => j.Judgement.IsHeld);

    /// <summary>The session that says most: of the first expectation that is broken, or else of the first that names one.</summary>
    public SeenSession? Deciding => Judged.OrderBy(static j => j.Judgement.IsHeld).Select(static j => j.Judgement.Session).OfType<string>()
        .Select(id => Seen.Sessions.FirstOrDefault(s => s.Id == id)).FirstOrDefault(static s => s is not null);
}

/// <summary>What came of a rehearsal, with its reasons.</summary>
internal sealed record RehearsalResult
{
    /// <summary>What was rehearsed.</summary>
    public required RehearsalPlan Plan { get; init; }

    /// <summary>The verdict.</summary>
    public required RehearsalVerdict Verdict { get; init; }

    /// <summary>Why it was not run, or was ended; null: it went through.</summary>
    public string? Reason { get; init; }

    /// <summary>The phases that there were.</summary>
    public IReadOnlyList<PhaseResult> Phases { get; init; } = [];

    /// <summary>From what met a stop condition until all faults were halted; null: none was met.</summary>
    public TimeSpan? HaltedAfter { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The last of what the client's command printed.</summary>
    public string ClientOutput { get; init; } = "";

    /// <summary>The seed that the proxy's faults really drew by; null: not known.</summary>
    public string? Seed { get; init; }

    /// <summary>The phase that the verdict comes from.</summary>
    public PhaseResult? Deciding => Phases.FirstOrDefault(static p => !p.IsHeld) ?? Phases.FirstOrDefault(static p => p.Name == "during")
        ?? (Phases.Count > 0 ? Phases[^1] : null);
}
