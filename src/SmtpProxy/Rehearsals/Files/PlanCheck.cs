using System.Globalization;
using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Expectations;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>Says of members that can each be read, and cannot work together or at all.</summary>
internal static class PlanCheck
{
    /// <summary>As long as rules may live in a proxy of the rehearsal's own, less what they outlive their phase by.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(2) - TimeSpan.FromMinutes(1);

    /// <summary>Adds what is wrong.</summary>
    public static void Add(RehearsalPlan plan, IReadOnlyList<Expectation> expected, List<RuleError> errors)
    {
        if (plan.Name.Trim().Length == 0 && !errors.Exists(static e => e.Path == "rehearsal"))
        {
            errors.Add(new RuleError("rehearsal", "is empty; say in a few words what is rehearsed"));
        }

        if (plan.Longest < TimeSpan.FromMilliseconds(1) || plan.Longest > Longest)
        {
            errors.Add(new RuleError("for", string.Create(CultureInfo.InvariantCulture,
                $"is {plan.Longest:c} when it is scaled: too {(plan.Longest > Longest ? "long" : "short")}; write a time from " +
                $"00:00:00.001 to {Longest:c} when it is scaled")));
        }

        if (plan.Run is not null && plan.Run.All(string.IsNullOrWhiteSpace))
        {
            errors.Add(new RuleError("traffic.run", "is empty; write the command that sends mail to $REHEARSAL_SMTP"));
        }

        foreach (var failover in plan.Relays.Count == 0 ? [] : expected.OfType<FailoverExpectation>())
        {
            errors.AddRange(failover.To.Where(to => !plan.Relays.Any(r => r.Name.Equals(to, StringComparison.OrdinalIgnoreCase)))
                .Select(to => new RuleError("expect", $"fail-over to \"{to}\", which is none of the relays of this file: " +
                    string.Join(", ", plan.Relays.Select(static r => r.Name)))));
        }
    }
}
