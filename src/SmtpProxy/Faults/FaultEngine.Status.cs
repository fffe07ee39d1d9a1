using System.Net;
using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults;

/// <summary>What is asked of the engine without changing anything.</summary>
public sealed partial class FaultEngine
{
    /// <summary>Where everything stands.</summary>
    public FaultStatus Status()
    {
        var (rules, now, halted) = (_rules, _time.GetUtcNow(), _halt);
        var all = rules.All.Select(r => new RuleStatus(
            r.Rule.Id,
            r.Rule.Source == RuleSource.File ? "file" : "api",
            r.Rule.IsEnabled,
            r.Rule.IsEnabled && halted is null && r.Rule.IsTime(now),
            FaultNames.Of(r.Rule.At),
            r.Rule.Action.Name,
            FaultNames.Of(r.Rule.Effect),
            r.Rule.NotAfter,
            r.Hits,
            r.Active,
            r.Skipped,
            r.Left)).ToArray();
        return new FaultStatus(
            IsEnabled,
            Array.Exists(all, static r => r.Armed),
            halted,
            Seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
            rules.Revision,
            Active,
            rules.All.Select(static r => r.Rule.NotAfter).Where(end => end > now).Min(),
            _injections.Latest,
            all);
    }

    /// <summary>The rules as they were written, by name.</summary>
    public IReadOnlyDictionary<string, JsonObject> Texts() => _rules.All.ToDictionary(static r => r.Rule.Id, static r => r.Rule.Text);

    /// <summary>Injections behind a number, oldest first.</summary>
    public IReadOnlyList<(long Id, Injection Injection)> InjectionsAfter(long id, string? rule, int most) => _injections.After(id, rule, most);

    /// <summary>For each point at which there are rules: what each of them says to a session such as this, and why. Changes nothing.</summary>
    /// <param name="facts">The session that is imagined.</param>
    public IReadOnlyList<PointExplanation> Explain(FaultFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var session = new SessionFaults(this, facts, 1, 1);
        return
        [
            .. Enum.GetValues<FaultPoint>()
                .Select(point => new PointExplanation(
                    FaultNames.Of(point),
                    [
                        .. session.Explain(point, facts.Snapshot()).Select(static r => new RuleExplanation(
                            r.Rule.Rule.Id, r.Rule.Rule.Action.Name, r.Verdict == SessionFaults.Fires, r.Verdict, r.Draw, r.Rule.Rule.Probability)),
                    ]))
                .Where(static p => p.Rules.Count > 0),
        ];
    }

    /// <summary>The address of an imagined client.</summary>
    public static IPAddress ClientOf(string? text) => IPAddress.TryParse(text, out var address) ? address : IPAddress.Loopback;
}

/// <summary>What would happen at a point.</summary>
/// <param name="Point">Where.</param>
/// <param name="Rules">Each rule that could strike there, in the order in which they are asked.</param>
public sealed record PointExplanation(string Point, IReadOnlyList<RuleExplanation> Rules);

/// <summary>What a rule says.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Action">What it would do.</param>
/// <param name="Fires">Whether it strikes.</param>
/// <param name="Why">fires, or why not.</param>
/// <param name="Draw">What was drawn; null: it did not come to that.</param>
/// <param name="Probability">It strikes when the draw is below this.</param>
public sealed record RuleExplanation(string Rule, string Action, bool Fires, string Why, double? Draw, double Probability);
