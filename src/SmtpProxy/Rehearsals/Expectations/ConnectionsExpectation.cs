using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>A client does not open more connections than so.</summary>
internal sealed class ConnectionsExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("connections",
        "No more sessions than so, in all and at the same time.",
        [
            new("max", FieldKind.Integer, "In all.") { Min = 1, Max = 1_000_000 },
            new("atOnce", FieldKind.Integer, "At the same time.") { Min = 1, Max = 1_000_000 },
        ],
        static (values, errors) =>
        {
            if (!values.Has("max") && !values.Has("atOnce"))
            {
                errors.Add(new RuleError("max", "is missing; write max, atOnce or both"));
            }

            return new ConnectionsExpectation(values.Integer("max") ?? long.MaxValue, values.Integer("atOnce") ?? long.MaxValue);
        });

    private readonly long _max;
    private readonly long _atOnce;

    private ConnectionsExpectation(long max, long atOnce) => (_max, _atOnce) = (max, atOnce);

    public override string Text => string.Join(" and ", new[]
    {
        _max < long.MaxValue ? $"at most {Count((int)_max, "session", "sessions")}" : "",
        _atOnce < long.MaxValue ? $"at most {_atOnce} at once" : "",
    }.Where(static t => t.Length > 0));

    public override Judgement Judge(Observation seen)
    {
        var atOnce = seen.Sessions.Select(s => (At: s, Open: seen.Sessions.Count(o => o.Began <= s.Began && o.Ended > s.Began)))
            .DefaultIfEmpty().MaxBy(static s => s.Open);
        var said = $"{Count(seen.Sessions.Count, "session", "sessions")}, {atOnce.Open} at once";
        return new Judgement(seen.Sessions.Count <= _max && atOnce.Open <= _atOnce, said, atOnce.At?.Id);
    }
}
