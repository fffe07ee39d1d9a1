using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Somebody came. Goes without saying in each phase: of a client that never connected there is nothing to judge.</summary>
internal sealed class CameExpectation : Expectation
{
    public override string Text => "the client connected";

    public override Judgement Judge(Observation seen) => seen.Sessions.Count > 0
        ? Judgement.Held(Count(seen.Sessions.Count, "session", "sessions"))
        : Judgement.Broken("no session came: nothing was rehearsed");
}
