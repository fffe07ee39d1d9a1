using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Nothing has reached the relay.</summary>
internal sealed class NotDeliveredExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("notDelivered",
        "The relay has taken nothing: the client kept its mail to itself.", [], static (_, _) => new NotDeliveredExpectation());

    public override string Text => "nothing delivered";

    public override Judgement Judge(Observation seen) => seen.Tries.FirstOrDefault(static t => t.IsTaken) is { } taken
        ? Judgement.Broken("the relay took a message", taken.Session)
        : seen.Sessions.FirstOrDefault(static s => s.IsOpaque) is { } hidden
        ? Judgement.Broken("a session could not be followed to its end: nobody knows what the relay took in it", hidden.Id)
        : Judgement.Held("the relay took nothing");
}
