using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>No message, and no password, has gone without TLS.</summary>
internal sealed class NoPlaintextExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("noPlaintext",
        "No client said AUTH, MAIL or anything after it in a session without TLS.", [], static (_, _) => new NoPlaintextExpectation());

    public override string Text => "nothing in the clear";

    public override Judgement Judge(Observation seen) =>
        seen.Sessions.FirstOrDefault(static s => s.InTheClear is not null) is { } clear
            ? Judgement.Broken($"{clear.InTheClear!.Verb} was said without TLS", clear.Id)
            : Judgement.Held($"{Count(seen.Sessions.Count, "session", "sessions")}, none with mail in the clear");
}
