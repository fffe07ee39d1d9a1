namespace SmtpProxy.Faults;

/// <summary>Where faults stand.</summary>
/// <param name="Enabled">They can be armed in this process.</param>
/// <param name="Armed">A rule is armed, and nothing is halted.</param>
/// <param name="Halted">Why, since when and by whom; null: not halted.</param>
/// <param name="Seed">What draws are made from, as text: it is larger than a JSON number can hold.</param>
/// <param name="Revision">Of the rules.</param>
/// <param name="ActiveFaults">Faults in progress.</param>
/// <param name="NextExpiry">When the next rule ends.</param>
/// <param name="LatestInjection">Number of the latest injection.</param>
/// <param name="Rules">Each rule.</param>
public sealed record FaultStatus(
    bool Enabled, bool Armed, HaltState? Halted, string Seed, long Revision, int ActiveFaults, DateTimeOffset? NextExpiry, long LatestInjection,
    IReadOnlyList<RuleStatus> Rules);

/// <summary>Where a rule stands.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Source">file or api.</param>
/// <param name="Enabled">It is enabled.</param>
/// <param name="Armed">It can strike at this moment.</param>
/// <param name="Point">Where.</param>
/// <param name="Action">What.</param>
/// <param name="Effect">On delivery.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Injected">Faults so far.</param>
/// <param name="Active">Faults in progress.</param>
/// <param name="Skipped">How often each reason kept it from striking.</param>
/// <param name="BudgetLeft">Injections left; null: without limit.</param>
public sealed record RuleStatus(
    string Id, string Source, bool Enabled, bool Armed, string Point, string Action, string Effect, DateTimeOffset? ExpiresAt, long Injected, int Active,
    IReadOnlyDictionary<string, long> Skipped, long? BudgetLeft);
