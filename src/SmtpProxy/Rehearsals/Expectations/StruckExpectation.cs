using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>The fault really happened: without it nothing was rehearsed.</summary>
internal sealed class StruckExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("struck",
        "A fault struck; expected of every rehearsal unless the file says how often.",
        [
            new("min", FieldKind.Integer, "How often at least.") { Min = 0, Max = 1_000_000, Default = "1" },
            new("max", FieldKind.Integer, "How often at most.") { Min = 0, Max = 1_000_000 },
        ],
        static (values, errors) =>
        {
            var (min, max) = (values.Integer("min") ?? (values.Integer("max") == 0 ? 0 : 1), values.Integer("max") ?? long.MaxValue);
            Between.Check(min, max, errors);
            return new StruckExpectation(min, max);
        });

    private readonly long _min;
    private readonly long _max;

    public StruckExpectation(long min, long max) => (_min, _max) = (min, max);

    public override string Text => "the fault struck";

    public override Judgement Judge(Observation seen) => new(seen.Strikes >= _min && seen.Strikes <= _max,
        seen.Strikes == 0 ? "no fault struck: nothing was rehearsed" : $"it struck {Count(seen.Strikes, "time", "times")}",
        seen.Sessions.FirstOrDefault(static s => s.Faults.Count > 0)?.Id);
}
