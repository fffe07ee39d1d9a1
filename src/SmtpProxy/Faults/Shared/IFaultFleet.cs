namespace SmtpProxy.Faults.Shared;

/// <summary>What the fault engines of several proxies have in common. Whoever provides it tells the engine what others did
/// by <c>FaultEngine.Take</c> and the like. Thread-safe; nothing here waits but what returns a task.</summary>
public interface IFaultFleet
{
    /// <summary>The fleet is heard at this moment. While it is not, no fault strikes: a halt of another proxy would not
    /// be known here.</summary>
    bool IsHeard { get; }

    /// <summary>The fleet's era: another one begins when what it counted is lost. Empty: not known yet.</summary>
    string Era { get; }

    /// <summary>Sessions of the last five minutes at the other proxies.</summary>
    long SessionsElsewhere { get; }

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

    /// <summary>Counts an occasion.</summary>
    /// <param name="counter">Of which rule.</param>
    /// <param name="scope">What it is counted by.</param>
    /// <returns>Its number in the whole fleet, from 1; null: nobody can say, in the short time that there is. It never fails.</returns>
    Task<long?> OccasionAsync(CommonCounter counter, string scope);

    /// <summary>Takes an injection out of a budget.</summary>
    /// <param name="counter">Of which rule.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="isNewSession">The rule has not struck in this session yet.</param>
    /// <returns>Its number in the whole fleet, from 1; 0: the budget is spent; null: nobody can say. It never fails.</returns>
    Task<long?> TakeAsync(CommonCounter counter, CommonBudget budget, bool isNewSession);

    /// <summary>Counts an attempt at the same thing.</summary>
    /// <param name="counter">Of which rule.</param>
    /// <param name="key">What is tried.</param>
    /// <param name="window">After this it is a first attempt again.</param>
    /// <returns>How many there were, this one included, and since when; null: nobody can say. It never fails.</returns>
    Task<(long Attempts, TimeSpan Age)?> AttemptAsync(CommonCounter counter, string key, TimeSpan window);
}
