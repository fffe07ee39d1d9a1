using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Mail went to the relays that are left.</summary>
internal sealed class FailoverExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("failover",
        "Mail was taken, and by these relays only.",
        [new("to", FieldKind.TextList, "Names of relays (destinations).") { IsRequired = true }],
        static (values, _) => new FailoverExpectation(values.Texts("to")));

    private readonly IReadOnlyList<string> _to;

    private FailoverExpectation(IReadOnlyList<string> to) => _to = to;

    /// <summary>The relays.</summary>
    public IReadOnlyList<string> To => _to;

    public override string Text => $"fail-over to {string.Join(" or ", _to)}";

    public override Judgement Judge(Observation seen)
    {
        var took = seen.Sessions.Where(static s => s.Tries.Any(static t => t.IsTaken)).ToList();
        return took.FirstOrDefault(s => !_to.Contains(s.Destination, StringComparer.OrdinalIgnoreCase)) is { } other
            ? Judgement.Broken($"{other.Destination} took mail", other.Id)
            : took.Count == 0 ? Judgement.Broken("no relay took mail", seen.Sessions is [.., var last] ? last.Id : null)
            : Judgement.Held($"{string.Join(" and ", took.Select(static s => s.Destination).Distinct().Order(StringComparer.Ordinal))} " +
                "took all mail", took[^1].Id);
    }
}
