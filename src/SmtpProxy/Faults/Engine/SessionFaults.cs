using SmtpProxy.Faults.Model;

using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>The faults of one session. Rules are asked in their order; the first that strikes at a point stands, and delays and limits of
/// speed add up.</summary>
internal sealed class SessionFaults : ISessionFaults
{
    private readonly FaultEngine _engine;
    private readonly SessionDraws _draws;
    private readonly WatchList _watches;
    private readonly SessionVerdicts _verdicts;

    /// <summary>What the fleet is being asked; null: there is none.</summary>
    private readonly Dictionary<(FaultPoint, FaultFacts), Question<RuleState>>? _questions;

    public SessionFaults(FaultEngine engine, FaultFacts facts, long listenerOrdinal, long clientOrdinal)
    {
        _engine = engine;
        _draws = new SessionDraws(engine.Seed, listenerOrdinal, clientOrdinal);
        var listeners = FaultsOptions.List(engine.Options.Listeners);
        var isAllowed = listeners.Count == 0 || listeners.Contains(facts.Listener, StringComparer.OrdinalIgnoreCase);
        _watches = new WatchList(engine.Rules, facts, isAllowed);
        _verdicts = new SessionVerdicts(engine, facts, _draws, isAllowed);
        _questions = engine.Fleet is null ? null : [];
    }

    public bool MayAsk => _questions is not null;

    public Action? Decided { get; set; }

    public bool IsArmed => _watches.IsAny && !_engine.IsHalted;

    public Watch Watches(FaultPoint point) => _watches[point];

    public bool AwaitsReply(FaultPoint point, FaultFacts facts)
    {
        if (!Watches(point).HasFlag(Watch.Reply))
        {
            return false;
        }

        foreach (var state in _engine.Rules.Current.At(point))
        {
            if (state.Rule.IsOnReply && state.Rule.Match.MayFit(facts) && _verdicts.IsAllowed(facts))
            {
                return true;
            }
        }

        return false;
    }

    public long? NextBodyOffset(long after) => _watches.NextBodyOffset(after);

    public TimeSpan? NextIdle(TimeSpan after) => _watches.NextIdle(after);

    public TimeSpan? NextElapsed(TimeSpan after) => _watches.NextElapsed(after);

    public Strike? OnCommand(FaultPoint point, FaultFacts facts) => Guard(point, facts, onReply: false);

    public Strike? OnReply(FaultPoint point, FaultFacts facts) => Guard(point, facts, onReply: true);

    /// <summary>What each rule of a point says to these facts, and why; changes nothing.</summary>
    public IEnumerable<(RuleState Rule, string Verdict, double? Draw)> Explain(FaultPoint point, FaultFacts facts)
    {
        facts.Point = point;
        var taken = false;
        foreach (var state in _engine.Rules.Current.At(point).ToArray().OrderBy(static r => r.Rule.IsOnReply))
        {
            var (verdict, draw) = _verdicts.Of(state, facts, peek: true, null);
            verdict = verdict == SessionVerdicts.Fires && taken && !state.Rule.Action.Stacks ? SessionVerdicts.Conflict : verdict;
            taken |= verdict == SessionVerdicts.Fires && !state.Rule.Action.Stacks;
            yield return (state, verdict, draw);
        }
    }

    public bool IsAsking(FaultPoint point, FaultFacts facts) => _questions?.ContainsKey((point, facts)) == true;

    public void Forget(FaultPoint point, FaultFacts facts) => _questions?.Remove((point, facts));

    public void Over() => _verdicts.Over();

    private Strike? Guard(FaultPoint point, FaultFacts facts, bool onReply)
    {
        try
        {
            return Ask(point, facts, onReply);
        }
#pragma warning disable CA1031 // P11: whatever is wrong in here, mail goes on without a fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _engine.Failed(e);
            Forget(point, facts);
            return null;
        }
    }

    private Strike? Ask(FaultPoint point, FaultFacts facts, bool onReply)
    {
        facts.Point = point;
        Question<RuleState>? question = null;
        _questions?.Remove((point, facts), out question);
        var rules = question is null ? _engine.Rules.Current.At(point) : question.Rules;
        var strike = question?.Strike;
        // What was decided about the command stands; its reply is not faulted twice.
        var taken = question?.IsTaken ?? (onReply && facts.TakenAt == (point, facts.Commands));
        for (var i = question?.Next ?? 0; i < rules.Length; i++)
        {
            var state = rules[i];
            var (rule, goesOn) = (state.Rule, question is { IsWaiting: true });
            question?.Resume();
            if (rule.IsOnReply != onReply || (!goesOn && !_watches.IsDue(state, facts)))
            {
                continue;
            }

            if (taken && !rule.Action.Stacks)
            {
                if (rule.Match.Fits(facts))
                {
                    _engine.Skip(state, SessionVerdicts.Conflict);
                }

                continue;
            }

            if (question is null && _verdicts.MustAsk(state, facts))
            {
                question = new Question<RuleState>(rules.ToArray());
            }

            var (verdict, _) = _verdicts.Of(state, facts, peek: false, question);
            if (verdict == SessionVerdicts.Asking)
            {
                question!.Wait(i, strike, taken, Decided);
                _questions![(point, facts)] = question;
                return null;
            }

            question?.Clear();
            if (verdict != SessionVerdicts.Fires)
            {
                if (SessionVerdicts.IsReason(verdict))
                {
                    _engine.Skip(state, verdict);
                }

                continue;
            }

            taken |= !rule.Action.Stacks;
            strike ??= new Strike();
            strike.Injections.Add(Injected(state, facts));
            strike.CutsOff |= rule.Action.CutsOff;
            var before = strike.Reply;
            rule.Action.Write(strike, new StrikeContext(point, facts, () => _draws.Next(rule)));
            strike.Reply = strike.Reply == before ? before : Guarded(strike.Reply);
        }

        if (!onReply)
        {
            facts.TakenAt = taken ? (point, facts.Commands) : null;
        }

        return strike;
    }

    /// <summary>A plan is made when the relay has answered, long after <see cref="Guard"/>: it fails open as well.</summary>
    private ReplyPlan? Guarded(ReplyPlan? plan) => plan is null ? null : real =>
    {
        try
        {
            return plan(real);
        }
#pragma warning disable CA1031 // P11: as in Guard.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _engine.Failed(e);
            return real.IsEmpty ? [] : [new ReplyStep.Say(real)];
        }
    };

    private Injection Injected(RuleState state, FaultFacts facts)
    {
        _verdicts.Struck(state);
        return new Injection(injection => _engine.Over(state, injection))
        {
            Rule = state.Rule.Id,
            Action = state.Rule.Action.Name,
            Point = facts.Point,
            Effect = state.Rule.Action.EffectAt(facts.Point),
            Seed = _engine.Seed,
            DecisionKey = _draws.Last,
            NamesPeople = _draws.NamesPeople,
            Session = facts.Session,
            Time = _engine.Time.GetUtcNow(),
        };
    }
}
