namespace SmtpProxy.Faults.Shared;

/// <summary>What the proxies of a fleet count together of one rule.</summary>
/// <param name="Name">Another one for each rule, and each time that it is made.</param>
/// <param name="Era">The fleet's era in which it began. When what the fleet counted is lost another era begins, and what began in an
/// earlier one is counted no more: it might strike too often.</param>
/// <param name="Kept">How long it is kept after it was counted last.</param>
public readonly record struct CommonCounter(string Name, string Era, TimeSpan Kept);

/// <summary>What a rule may do at most, in the whole fleet; null: without limit.</summary>
/// <param name="Injections">Injections in all.</param>
/// <param name="PerMinute">Injections in any minute.</param>
/// <param name="Affected">Sessions that it may have struck in the last five minutes.</param>
public readonly record struct CommonBudget(long? Injections, long? PerMinute, long? Affected)
{
    /// <summary>There is something to count.</summary>
    public bool IsAny => Injections is not null || PerMinute is not null || Affected is not null;
}
