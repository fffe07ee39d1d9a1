namespace SmtpProxy.Faults.Shared;

/// <summary>What a session asked of its rules at one point and the fleet has not answered yet: how far the rules were asked, what struck
/// so far, and of the rule at hand what is known. On the session's loop.</summary>
/// <typeparam name="TRule">A rule.</typeparam>
/// <param name="rules">The rules of the point, as they were when it was asked.</param>
internal sealed class Question<TRule>(TRule[] rules)
{
    /// <summary>The rules.</summary>
    public TRule[] Rules { get; } = rules;

    /// <summary>The rule that is asked next.</summary>
    public int Next { get; private set; }

    /// <summary>What struck so far.</summary>
    public Strike? Strike { get; private set; }

    /// <summary>Something struck that leaves room for delays only.</summary>
    public bool IsTaken { get; private set; }

    /// <summary>The rule at hand waits for an answer.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>The number of the occasion.</summary>
    public Task<long?>? Occasion { get; set; }

    /// <summary>What was drawn, and what for.</summary>
    public (double Number, (string, long, bool) For)? Drawn { get; set; }

    /// <summary>Whether the action itself wants to strike.</summary>
    public bool? Wants { get; set; }

    /// <summary>How often the same was tried, and since when.</summary>
    public Task<(long Attempts, TimeSpan Age)?>? Attempt { get; set; }

    /// <summary>Injections of the budget so far, this one included; 0: it is spent.</summary>
    public Task<long?>? Budget { get; set; }

    /// <summary>What is waited for.</summary>
    private Task Pending => Budget ?? Attempt ?? Occasion ?? Task.CompletedTask;

    /// <summary>Waits for the rule at hand.</summary>
    /// <param name="next">Which it is.</param>
    /// <param name="strike">What struck so far.</param>
    /// <param name="isTaken">Something struck that leaves room for delays only.</param>
    /// <param name="answered">Called once it is answered, on any thread.</param>
    public void Wait(int next, Strike? strike, bool isTaken, Action? answered)
    {
        (Next, Strike, IsTaken, IsWaiting) = (next, strike, isTaken, true);
        _ = Pending.ContinueWith(static (_, answered) => ((Action?)answered)?.Invoke(), answered, CancellationToken.None,
            TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>The rule at hand is asked again.</summary>
    public void Resume() => IsWaiting = false;

    /// <summary>The rule at hand is decided.</summary>
    public void Clear() => (Occasion, Drawn, Wants, Attempt, Budget) = (null, null, null, null, null);
}
