namespace SmtpProxy.Faults.Shared;

/// <summary>What the fault engines of several proxies have in common. Whoever provides it tells the engine what others did
/// by <c>FaultEngine.Take</c> and the like. Thread-safe; nothing here waits but what returns a task.</summary>
public interface IFaultFleet
{
    /// <summary>The fleet is heard at this moment. While it is not, no fault strikes: a halt of another proxy would not
    /// be known here.</summary>
    bool IsHeard { get; }

    /// <summary>Faults were halted here: the others shall.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="by">By whom.</param>
    /// <param name="since">When.</param>
    void Halted(string reason, string by, DateTimeOffset since);

    /// <summary>Faults were resumed here: the others shall.</summary>
    void Resumed();

    /// <summary>The rules at this moment; null: the fleet cannot be asked.</summary>
    Task<SharedRules?> RulesAsync();

    /// <summary>Changes the rules, unless somebody else did.</summary>
    /// <param name="revision">The revision that was changed.</param>
    /// <param name="next">The rules from now on.</param>
    /// <returns>Whether they stand; null: nobody can say, or they are too many to be kept.</returns>
    Task<bool?> TryChangeAsync(long revision, SharedRules next);
}
