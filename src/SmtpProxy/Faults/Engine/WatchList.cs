namespace SmtpProxy.Faults.Engine;

/// <summary>What live rules want to see of one session. Worked out anew when the rules have changed. On the session's loop.</summary>
/// <param name="rules">The rules of the process.</param>
/// <param name="facts">What is known of the session.</param>
/// <param name="isListenerAllowed">Whether faults may strike at the session's listener at all.</param>
internal sealed class WatchList(RuleBook rules, FaultFacts facts, bool isListenerAllowed)
{
    private static readonly int Points = Enum.GetValues<FaultPoint>().Length;
    private readonly HashSet<RuleState> _aged = [];
    private Watch[] _watches = [];
    private bool _watchesAny;
    private long _stamp = -1;
    private TimeSpan _silence;

    /// <summary>Whether a rule wants to see anything.</summary>
    public bool IsAny
    {
        get
        {
            Look();
            return _watchesAny;
        }
    }

    /// <summary>What rules want to see at a point.</summary>
    public Watch this[FaultPoint point]
    {
        get
        {
            Look();
            return _watches[(int)point];
        }
    }

    /// <inheritdoc cref="ISessionFaults.NextBodyOffset"/>
    public long? NextBodyOffset(long after) =>
        this[FaultPoint.DataBody] == Watch.None
            ? null : Least(FaultPoint.DataBody, r => r.Rule.AfterBytes > after, static r => r.Rule.AfterBytes);

    /// <inheritdoc cref="ISessionFaults.NextIdle"/>
    public TimeSpan? NextIdle(TimeSpan after)
    {
        var next = this[FaultPoint.Idle] == Watch.None
            ? null : Least(FaultPoint.Idle, r => r.Rule.AfterTime > after, static r => r.Rule.AfterTime);
        _silence = next ?? _silence;
        return next;
    }

    /// <inheritdoc cref="ISessionFaults.NextElapsed"/>
    public TimeSpan? NextElapsed(TimeSpan after) => this[FaultPoint.Elapsed] == Watch.None
        ? null
        : Least(FaultPoint.Elapsed, r => r.Rule.AfterTime > after && !_aged.Contains(r), static r => r.Rule.AfterTime);

    /// <summary>Whether the moment has come for which a rule waits within its point. A rule of
    /// <see cref="FaultPoint.Elapsed"/> has one a session.</summary>
    public bool IsDue(RuleState state, FaultFacts now) => state.Rule.At switch
    {
        FaultPoint.DataBody => state.Rule.AfterBytes == now.BodyOctets,
        FaultPoint.Idle => state.Rule.AfterTime == _silence,
        FaultPoint.Elapsed => state.Rule.AfterTime <= now.Elapsed && _aged.Add(state),
        _ => true,
    };

    private T? Least<T>(FaultPoint point, Func<RuleState, bool> counts, Func<RuleState, T> value)
        where T : struct
    {
        T? least = null;
        foreach (var state in rules.Current.At(point))
        {
            if (counts(state) && state.Rule.Match.CanFit(facts)
                && (least is not { } known || Comparer<T>.Default.Compare(value(state), known) < 0))
            {
                least = value(state);
            }
        }

        return least;
    }

    private void Look()
    {
        var current = rules.Current;
        if (current.Stamp == _stamp)
        {
            return;
        }

        var watches = new Watch[Points];
        for (var point = 0; isListenerAllowed && point < watches.Length; point++)
        {
            foreach (var state in current.At((FaultPoint)point))
            {
                if (state.Rule.Match.CanFit(facts))
                {
                    watches[point] |= !state.Rule.IsOnReply ? Watch.Command
                        : state.Rule.Action.CutsOff ? Watch.Reply | Watch.CutsOff : Watch.Reply;
                }
            }
        }

        (_watches, _watchesAny, _stamp) = (watches, Array.Exists(watches, static w => w != Watch.None), current.Stamp);
    }
}
