namespace SmtpProxy.Faults.Engine;

/// <summary>What would happen at a point.</summary>
/// <param name="Point">The point's name.</param>
/// <param name="Rules">Each rule that could strike there, in the order in which they are asked.</param>
public sealed record PointExplanation(string Point, IReadOnlyList<RuleExplanation> Rules)
{
    /// <summary>For each point at which there are rules: what each of them says to a session that is imagined.</summary>
    internal static IReadOnlyList<PointExplanation> Of(SessionFaults session, FaultFacts facts) =>
    [
        .. Enum.GetValues<FaultPoint>()
            .Select(point => new PointExplanation(
                FaultNames.Of(point),
                [
                    .. session.Explain(point, facts.Snapshot()).Select(static r => new RuleExplanation(
                        r.Rule.Rule.Id, r.Rule.Rule.Action.Name, r.Verdict == SessionVerdicts.Fires, r.Verdict, r.Draw,
                        r.Rule.Rule.Probability)),
                ]))
            .Where(static p => p.Rules.Count > 0),
    ];
}

/// <summary>What a rule says to a session at a point.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Action">What it would do.</param>
/// <param name="Fires">Whether it strikes.</param>
/// <param name="Why">fires, or why not.</param>
/// <param name="Draw">What was drawn; null: it did not come to that.</param>
/// <param name="Probability">It strikes when the draw is below this.</param>
public sealed record RuleExplanation(string Rule, string Action, bool Fires, string Why, double? Draw, double Probability);
