using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>Whether a rule strikes in one session, and why not. Where the fleet counts, the answer may be that it is being asked:
/// nothing waits here. On the session's loop.</summary>
internal sealed class SessionVerdicts(FaultEngine engine, FaultFacts ofSession, SessionDraws draws, bool isListenerAllowed)
{
    /// <summary>It strikes. Any other verdict says why it does not.</summary>
    public const string Fires = "fires";

    /// <summary>The fleet is being asked.</summary>
    public const string Asking = "asking";

    /// <summary>An earlier one struck.</summary>
    public const string Conflict = "conflict";

    private const string NoMatch = "no match";
    private const string NotDue = "not this occasion";
    private const string Declined = "the action's own condition does not hold";
    private const string Alone = "fleet";
    private const string Counted = "the fleet counts";
    private readonly HashSet<string> _struck = [];
    private readonly HashSet<RuleState> _counted = [];

    /// <summary>Whether a verdict is a reason that is counted.</summary>
    public static bool IsReason(string verdict) => verdict is not (NoMatch or NotDue or Declined);

    /// <summary>Whether the fleet has to be asked before a rule strikes.</summary>
    public bool MustAsk(RuleState state, FaultFacts facts) => engine.Fleet is not null
        && (IsCommon(state) || BudgetOf(state).IsAny || state.Rule.Action.CommonKey(facts) is not null);

    /// <summary>Whether a rule strikes: <see cref="Fires"/>, <see cref="Asking"/>, or why not.</summary>
    /// <param name="state">The rule.</param>
    /// <param name="facts">What is known.</param>
    /// <param name="peek">Only asked: nothing may change.</param>
    /// <param name="question">What is known of it so far, where the fleet has to be asked.</param>
    public (string Verdict, double? Draw) Of(RuleState state, FaultFacts facts, bool peek, Question<RuleState>? question)
    {
        var (rule, now) = (state.Rule, engine.Time.GetUtcNow());
        if (!rule.Match.Fits(facts) || !IsAllowed(facts))
        {
            return (NoMatch, null);
        }

        if (engine.IsHalted)
        {
            return ("halted", null);
        }

        if (engine.IsAlone)
        {
            return (Alone, null);
        }

        if (!rule.IsTime(now))
        {
            return (rule.IsOver(now) ? "expired" : "disabled", null);
        }

        if (facts.IsOpaque && !rule.Action.WorksOpaque)
        {
            return ("encrypted", null);
        }

        if (rule.Action.NeedsTermination && !facts.OffersTls)
        {
            return ("not_terminated", null);
        }

        if (Occasion(state, facts, now, peek, question) is { } notDue)
        {
            return (notDue, null);
        }

        var draw = Draw(state, facts, peek, question);
        if (draw >= rule.Probability)
        {
            return ("not_sampled", draw);
        }

        if (!peek && rule.At == FaultPoint.Greeting)
        {
            _counted.Add(state);
        }

        return (Wants(state, facts, now, peek, question) ?? Budget(state, facts, now, peek, question) ?? Fires, draw);
    }

    /// <summary>A rule has struck.</summary>
    public void Struck(RuleState state) => _struck.Add(state.Rule.Id);

    /// <summary>The session is over.</summary>
    public void Over()
    {
        foreach (var state in _counted)
        {
            state.Rule.Action.SessionOver(ofSession);
        }
    }

    /// <summary>Whether a rule may strike before this relay.</summary>
    public bool IsAllowed(FaultFacts facts)
    {
        var upstreams = FaultsOptions.List(engine.Options.Upstreams);
        return isListenerAllowed && (upstreams.Count == 0
            || upstreams.Contains(facts.Cluster, StringComparer.OrdinalIgnoreCase)
            || (facts.Destination is { } relay && upstreams.Contains(relay, StringComparer.OrdinalIgnoreCase)));
    }

    /// <summary>Whether the fleet numbers its occasions: those of one connection are one proxy's own.</summary>
    private static bool IsCommon(RuleState state) => state.Rule.Occurrence is { IsAlways: false, Scope: not "connection" };

    /// <summary>Why this occasion is not struck; null: it may be.</summary>
    private string? Occasion(RuleState state, FaultFacts facts, DateTimeOffset now, bool peek, Question<RuleState>? question)
    {
        var occurrence = state.Rule.Occurrence;
        if (occurrence.IsAlways)
        {
            return null;
        }

        if (engine.Fleet is not { } fleet || !IsCommon(state))
        {
            return occurrence.Includes(state.Occasion(SessionDraws.Scope(state.Rule, facts), peek)) ? null : NotDue;
        }

        if (peek || question is null)
        {
            return Counted;
        }

        if (question.Occasion is null && state.Counter(now) is { } counter)
        {
            question.Occasion = fleet.OccasionAsync(counter, SessionDraws.Scope(state.Rule, facts));
        }

        return question.Occasion is { IsCompleted: false } ? Asking
            : question.Occasion?.Result is not { } number ? Alone
            : occurrence.Includes(number) ? null : NotDue;
    }

    /// <summary>Drawn once, however often the fleet is asked meanwhile.</summary>
    private double Draw(RuleState state, FaultFacts facts, bool peek, Question<RuleState>? question)
    {
        if (question?.Drawn is { } drawn)
        {
            draws.Drawn = drawn.For;
            return drawn.Number;
        }

        var number = draws.Draw(state, facts, peek);
        if (question is not null)
        {
            question.Drawn = (number, draws.Drawn);
        }

        return number;
    }

    /// <summary>Why the action itself does not want to strike; null: it does.</summary>
    private string? Wants(RuleState state, FaultFacts facts, DateTimeOffset now, bool peek, Question<RuleState>? question)
    {
        var action = state.Rule.Action;
        if (engine.Fleet is not { } fleet || action.CommonKey(facts) is not { } key)
        {
            var wants = question?.Wants ?? action.Wants(facts, now, peek);
            if (question is not null)
            {
                question.Wants = wants;
            }

            return wants ? null : Declined;
        }

        if (peek || question is null)
        {
            return Counted;
        }

        if (question.Attempt is null && state.Counter(now) is { } counter)
        {
            question.Attempt = fleet.AttemptAsync(counter, key, action.CommonWindow);
        }

        return question.Attempt is { IsCompleted: false } ? Asking
            : question.Attempt?.Result is not { } attempt ? Alone
            : action.WantsCommon(attempt.Attempts, attempt.Age) ? null : Declined;
    }

    /// <summary>Why it may not strike any more; null: it may, and that is counted.</summary>
    private string? Budget(RuleState state, FaultFacts facts, DateTimeOffset now, bool peek, Question<RuleState>? question)
    {
        var budget = BudgetOf(state);
        if (engine.Fleet is not { } fleet || !budget.IsAny || peek || question is null)
        {
            return MayBegin(state, facts, now, peek, isCommon: false) ? null : "budget";
        }

        if (question.Budget is null)
        {
            // What this proxy refuses must not be taken out of what all have.
            if (!state.TryTake(facts.Client, IsNew(state), 0, now, peek: true, isCommon: true))
            {
                return "budget";
            }

            question.Budget = state.Counter(now) is { } counter ? fleet.TakeAsync(counter, budget, IsNew(state)) : null;
        }

        if (question.Budget is { IsCompleted: false })
        {
            return Asking;
        }

        if (question.Budget?.Result is not { } number)
        {
            return Alone;
        }

        state.CommonHits = Math.Max(state.CommonHits, number);
        return number > 0 && MayBegin(state, facts, now, peek, isCommon: true) ? null : "budget";
    }

    /// <summary>Asks the process first: what it refuses must not be taken out of the rule's own budget.</summary>
    private bool MayBegin(RuleState state, FaultFacts facts, DateTimeOffset now, bool peek, bool isCommon)
    {
        if (!engine.TryBegin())
        {
            return false;
        }

        var taken = state.TryTake(facts.Client, IsNew(state), engine.RecentSessions(now), now, peek, isCommon);
        if (!taken || peek)
        {
            engine.NotBegun();
        }

        return taken;
    }

    private bool IsNew(RuleState state) => !_struck.Contains(state.Rule.Id);

    /// <summary>What the fleet counts of its budget; the rest of it is each proxy's own.</summary>
    private CommonBudget BudgetOf(RuleState state)
    {
        var budget = state.Rule.Budget;
        return new CommonBudget(budget.Integer("maxInjections"), budget.Integer("maxPerMinute"),
            budget.Has("maxAffectedRatio") && engine.Fleet is { } fleet
                ? (long)(budget.Number("maxAffectedRatio")!.Value
                    * (engine.RecentSessions(engine.Time.GetUtcNow()) + fleet.SessionsElsewhere))
                : null);
    }
}
