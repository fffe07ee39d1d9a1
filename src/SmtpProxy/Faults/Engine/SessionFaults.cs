using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Engine;

/// <summary>The faults of one session. Rules are asked in their order; the first that strikes at a point stands, and delays and limits of
/// speed add up.</summary>
internal sealed class SessionFaults : ISessionFaults
{
    /// <summary>The verdict on a rule that strikes. Any other says why it does not.</summary>
    internal const string Fires = "fires";

    private const string Conflict = "conflict";
    private const string NoMatch = "no match";
    private const string NotDue = "not this occasion";
    private const string Declined = "the action's own condition does not hold";

    private readonly FaultEngine _engine;
    private readonly FaultFacts _facts;
    private readonly SessionDraws _draws;
    private readonly WatchList _watches;
    private readonly bool _isListenerAllowed;
    private readonly HashSet<string> _struck = [];
    private readonly HashSet<RuleState> _counted = [];

    public SessionFaults(FaultEngine engine, FaultFacts facts, long listenerOrdinal, long clientOrdinal)
    {
        (_engine, _facts) = (engine, facts);
        _draws = new SessionDraws(engine.Seed, facts, listenerOrdinal, clientOrdinal);
        var listeners = FaultsOptions.List(engine.Options.Listeners);
        _isListenerAllowed = listeners.Count == 0 || listeners.Contains(facts.Listener, StringComparer.OrdinalIgnoreCase);
        _watches = new WatchList(engine.Rules, facts, _isListenerAllowed);
    }

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
            if (state.Rule.IsOnReply && state.Rule.Match.MayFit(facts) && IsAllowed(facts))
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
            var (verdict, draw) = Judge(state, facts, peek: true);
            verdict = verdict == Fires && taken && !state.Rule.Action.Stacks ? Conflict : verdict;
            taken |= verdict == Fires && !state.Rule.Action.Stacks;
            yield return (state, verdict, draw);
        }
    }

    public void Over()
    {
        foreach (var state in _counted)
        {
            state.Rule.Action.SessionOver(_facts);
        }
    }

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
            return null;
        }
    }

    private Strike? Ask(FaultPoint point, FaultFacts facts, bool onReply)
    {
        facts.Point = point;
        Strike? strike = null;
        // What was decided about the command stands; its reply is not faulted twice.
        var taken = onReply && facts.TakenAt == (point, facts.Commands);
        foreach (var state in _engine.Rules.Current.At(point))
        {
            var rule = state.Rule;
            if (rule.IsOnReply != onReply || !_watches.IsDue(state, facts))
            {
                continue;
            }

            if (taken && !rule.Action.Stacks)
            {
                if (rule.Match.Fits(facts))
                {
                    _engine.Skip(state, Conflict);
                }

                continue;
            }

            var (verdict, _) = Judge(state, facts, peek: false);
            if (verdict != Fires)
            {
                if (verdict is not (NoMatch or NotDue or Declined))
                {
                    _engine.Skip(state, verdict);
                }

                continue;
            }

            taken |= !rule.Action.Stacks;
            strike ??= new Strike();
            strike.Injections.Add(Injected(state, facts));
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

    /// <summary>Whether a rule strikes: <see cref="Fires"/>, or why not.</summary>
    private (string Verdict, double? Draw) Judge(RuleState state, FaultFacts facts, bool peek)
    {
        var (rule, now) = (state.Rule, _engine.Time.GetUtcNow());
        if (!rule.Match.Fits(facts) || !IsAllowed(facts))
        {
            return (NoMatch, null);
        }

        if (_engine.IsHalted)
        {
            return ("halted", null);
        }

        if (_engine.IsAlone)
        {
            return ("fleet", null);
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

        if (!rule.Occurrence.IsAlways && !rule.Occurrence.Includes(state.Occasion(_draws.Scope(rule), peek)))
        {
            return (NotDue, null);
        }

        var draw = _draws.Draw(state, peek);
        if (draw >= rule.Probability)
        {
            return ("not_sampled", draw);
        }

        if (!peek && rule.At == FaultPoint.Greeting)
        {
            _counted.Add(state);
        }

        if (!rule.Action.Wants(facts, now, peek))
        {
            return (Declined, draw);
        }

        return MayBegin(state, facts, now, peek) ? (Fires, draw) : ("budget", draw);
    }

    /// <summary>Asks the process first: what it refuses must not be taken out of the rule's own budget.</summary>
    private bool MayBegin(RuleState state, FaultFacts facts, DateTimeOffset now, bool peek)
    {
        if (!_engine.TryBegin())
        {
            return false;
        }

        var taken = state.TryTake(facts.Client, !_struck.Contains(state.Rule.Id), _engine.RecentSessions(now), now, peek);
        if (!taken || peek)
        {
            _engine.NotBegun();
        }

        return taken;
    }

    private bool IsAllowed(FaultFacts facts)
    {
        var upstreams = FaultsOptions.List(_engine.Options.Upstreams);
        return _isListenerAllowed && (upstreams.Count == 0
            || upstreams.Contains(facts.Cluster, StringComparer.OrdinalIgnoreCase)
            || (facts.Destination is { } relay && upstreams.Contains(relay, StringComparer.OrdinalIgnoreCase)));
    }

    private Injection Injected(RuleState state, FaultFacts facts)
    {
        _struck.Add(state.Rule.Id);
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
