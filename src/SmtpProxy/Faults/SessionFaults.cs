using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults;

/// <summary>The faults of one session. Rules are asked in their order; the first that strikes at a point stands, and delays and limits of speed
/// add up.</summary>
internal sealed class SessionFaults : ISessionFaults
{
    private readonly FaultEngine _engine;
    private readonly FaultFacts _facts;
    private readonly SessionDraws _draws;
    private readonly bool _isListenerAllowed;
    private readonly HashSet<string> _struck = [];
    private readonly HashSet<RuleState> _aged = [];
    private readonly HashSet<RuleState> _counted = [];
    private Watch[] _watches = [];
    private bool _watchesAny;
    private long _revision = -1;
    private TimeSpan _silence;

    public SessionFaults(FaultEngine engine, FaultFacts facts, long listenerOrdinal, long clientOrdinal)
    {
        (_engine, _facts) = (engine, facts);
        _draws = new SessionDraws(engine.Seed, facts, listenerOrdinal, clientOrdinal);
        var listeners = FaultsOptions.List(engine.Options.Listeners);
        _isListenerAllowed = listeners.Count == 0 || listeners.Contains(facts.Listener, StringComparer.OrdinalIgnoreCase);
    }

    public bool IsArmed
    {
        get
        {
            Look();
            return _watchesAny && !_engine.IsHalted;
        }
    }

    public Watch Watches(FaultPoint point)
    {
        Look();
        return _watches[(int)point];
    }

    public long? NextBodyOffset(long after) =>
        Watches(FaultPoint.DataBody) == Watch.None ? null : Least(FaultPoint.DataBody, r => r.Rule.AfterBytes > after, static r => r.Rule.AfterBytes);

    public TimeSpan? NextIdle(TimeSpan after)
    {
        var next = Watches(FaultPoint.Idle) == Watch.None ? null : Least(FaultPoint.Idle, r => r.Rule.AfterTime > after, static r => r.Rule.AfterTime);
        _silence = next ?? _silence;
        return next;
    }

    public TimeSpan? NextElapsed(TimeSpan after) => Watches(FaultPoint.Elapsed) == Watch.None
        ? null
        : Least(FaultPoint.Elapsed, r => r.Rule.AfterTime > after && !_aged.Contains(r), static r => r.Rule.AfterTime);

    public Strike? OnCommand(FaultPoint point, FaultFacts facts) => Guard(point, facts, onReply: false);

    public Strike? OnReply(FaultPoint point, FaultFacts facts) => Guard(point, facts, onReply: true);

    /// <summary>What each rule of a point says to these facts, and why; changes nothing.</summary>
    public IEnumerable<(RuleState Rule, string Verdict, double? Draw)> Explain(FaultPoint point, FaultFacts facts)
    {
        facts.Point = point;
        var taken = false;
        foreach (var state in _engine.Rules.At(point).ToArray().OrderBy(static r => r.Rule.IsOnReply))
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

    /// <summary>What <see cref="Judge"/> says of a rule that strikes.</summary>
    internal const string Fires = "fires";

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
        foreach (var state in _engine.Rules.At(point))
        {
            var rule = state.Rule;
            if (rule.IsOnReply != onReply || !IsDue(state, facts))
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
            rule.Action.Write(strike, new Actions.StrikeContext(point, facts, () => _draws.Next(rule)));
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

    private const string Conflict = "conflict";
    private const string NoMatch = "no match";
    private const string NotDue = "not this occasion";
    private const string Declined = "the action's own condition does not hold";

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

    private bool IsDue(RuleState state, FaultFacts facts) => state.Rule.At switch
    {
        FaultPoint.DataBody => state.Rule.AfterBytes == facts.BodyOctets,
        FaultPoint.Idle => state.Rule.AfterTime == _silence,
        FaultPoint.Elapsed => state.Rule.AfterTime <= facts.Elapsed && _aged.Add(state),
        _ => true,
    };

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

    private T? Least<T>(FaultPoint point, Func<RuleState, bool> counts, Func<RuleState, T> value)
        where T : struct
    {
        T? least = null;
        foreach (var state in _engine.Rules.At(point))
        {
            if (counts(state) && state.Rule.Match.CanFit(_facts) && (least is not { } known || Comparer<T>.Default.Compare(value(state), known) < 0))
            {
                least = value(state);
            }
        }

        return least;
    }

    /// <summary>Notes what the rules of this revision want to see of this session.</summary>
    private void Look()
    {
        var rules = _engine.Rules;
        if (rules.Revision == _revision)
        {
            return;
        }

        var watches = new Watch[Enum.GetValues<FaultPoint>().Length];
        for (var point = 0; _isListenerAllowed && point < watches.Length; point++)
        {
            foreach (var state in rules.At((FaultPoint)point))
            {
                if (state.Rule.Match.CanFit(_facts))
                {
                    watches[point] |= state.Rule.IsOnReply ? Watch.Reply : Watch.Command;
                }
            }
        }

        (_watches, _watchesAny, _revision) = (watches, Array.Exists(watches, static w => w != Watch.None), rules.Revision);
    }
}
