using System.Globalization;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Faults.Engine;

/// <summary>The state of faults at one moment.</summary>
/// <param name="Enabled">They can be armed in this process.</param>
/// <param name="Armed">A rule is armed, and nothing is halted.</param>
/// <param name="Halted">Why, since when and by whom; null: not halted.</param>
/// <param name="Seed">What draws are made from, as text: it is larger than a JSON number can hold.</param>
/// <param name="Revision">The revision of the rules.</param>
/// <param name="ActiveFaults">Faults in progress.</param>
/// <param name="NextExpiry">When the next rule ends.</param>
/// <param name="LatestInjection">Number of the latest injection.</param>
/// <param name="Rules">Each rule.</param>
public sealed record FaultStatus(
    bool Enabled, bool Armed, HaltState? Halted, string Seed, long Revision, int ActiveFaults, DateTimeOffset? NextExpiry,
    long LatestInjection,
    IReadOnlyList<RuleStatus> Rules)
{
    internal static FaultStatus Of(FaultEngine engine)
    {
        var (rules, now, halted) = (engine.Rules.Current, engine.Time.GetUtcNow(), engine.Switch.State);
        RuleStatus[] all = [.. rules.All.Select(state => RuleStatus.Of(state, halted is not null || engine.IsAlone, now))];
        return new FaultStatus(
            engine.IsEnabled,
            Array.Exists(all, static r => r.Armed),
            halted,
            engine.Seed.ToString(CultureInfo.InvariantCulture),
            rules.Revision,
            engine.Active,
            rules.All.Select(static r => r.Rule.NotAfter).Where(end => end > now).Min(),
            engine.Injections.Latest,
            all);
    }
}

/// <summary>The state of a rule.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Source">file or api.</param>
/// <param name="Enabled">It is enabled.</param>
/// <param name="Armed">It can strike at this moment.</param>
/// <param name="Point">Where it strikes.</param>
/// <param name="Action">The name of its action.</param>
/// <param name="Effect">What it does to delivery.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Injected">Faults so far.</param>
/// <param name="Active">Faults in progress.</param>
/// <param name="Skipped">How often each reason kept it from striking.</param>
/// <param name="BudgetLeft">Injections left; null: without limit.</param>
public sealed record RuleStatus(
    string Id, string Source, bool Enabled, bool Armed, string Point, string Action, string Effect, DateTimeOffset? ExpiresAt,
    long Injected, int Active,
    IReadOnlyDictionary<string, long> Skipped, long? BudgetLeft)
{
    internal static RuleStatus Of(RuleState state, bool isHalted, DateTimeOffset now)
    {
        var rule = state.Rule;
        return new RuleStatus(
            rule.Id,
            rule.Source == RuleSource.File ? "file" : "api",
            rule.IsEnabled,
            rule.IsEnabled && !isHalted && rule.IsTime(now),
            FaultNames.Of(rule.At),
            rule.Action.Name,
            FaultNames.Of(rule.Effect),
            rule.NotAfter,
            state.Hits,
            state.Active,
            state.Skipped,
            state.Left);
    }
}
