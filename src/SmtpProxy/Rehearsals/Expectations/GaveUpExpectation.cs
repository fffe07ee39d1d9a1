using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>A client that waits for a reply does not wait for ever.</summary>
internal sealed class GaveUpExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("gaveUp",
        "A client that waited for a reply in vain closed the connection, neither too soon nor too late.",
        [
            new("min", FieldKind.Duration, "How long it waits at least (RFC 5321 4.5.3.2 has the times for each command)."),
            new("max", FieldKind.Duration, "How long at most."),
        ],
        static (values, errors) => new GaveUpExpectation(Between.Read(values, errors)));

    private readonly (TimeSpan Min, TimeSpan Max) _limits;

    private GaveUpExpectation((TimeSpan Min, TimeSpan Max) limits) => _limits = limits;

    public override string Text => $"gave up {Between.Said(_limits, Said)}";

    public override Judgement Judge(Observation seen)
    {
        var waited = seen.Sessions.Where(static s => s.Faults.Count > 0 || s.IsOpen)
            .Select(static s => (Session: s, Seconds: s.WaitedInVain)).Where(static w => w.Seconds is not null).ToList();
        return waited.FirstOrDefault(w => w.Seconds > _limits.Max.TotalSeconds
                || (!w.Session.IsOpen && w.Seconds < _limits.Min.TotalSeconds)) is { Session: { } odd } wrong
            ? Judgement.Broken($"it {(odd.IsOpen ? "has waited for" : "left after")} {Said(wrong.Seconds!.Value)}", odd.Id)
            : waited.FirstOrDefault(static w => !w.Session.IsOpen) is { Session: { } left } right
            ? Judgement.Held($"it left after {Said(right.Seconds!.Value)}", left.Id)
            : Judgement.Broken("no client left while it waited");
    }
}
