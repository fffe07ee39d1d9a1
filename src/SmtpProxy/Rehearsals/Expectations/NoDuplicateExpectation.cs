using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>No message has reached the relay twice.</summary>
internal sealed class NoDuplicateExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("noDuplicate",
        "The relay has taken no message twice: none with the same Message-ID, or else from and to the same addresses.", [],
        static (_, _) => new NoDuplicateExpectation());

    /// <summary>Why nobody knows.</summary>
    public const string Untold =
        "messages cannot be told from one another here: give the proxy SmtpProxy:Privacy:Addresses=hash or full";

    public override string Text => "no duplicate";

    public override Judgement Judge(Observation seen)
    {
        var taken = seen.Tries.Where(static t => t.IsTaken).ToList();
        return seen.Sessions.FirstOrDefault(static s => s.IsOpaque) is { } hidden
            ? Judgement.Broken("a session could not be followed to its end: nobody knows what the relay took in it", hidden.Id)
            : taken.FirstOrDefault(static t => !t.HasMail) is { } unknown
            ? Judgement.Broken(Untold, unknown.Session)
            : taken.GroupBy(static t => t.Mail).FirstOrDefault(static mail => mail.Skip(1).Any()) is { } twice
            ? Judgement.Broken($"the relay took a message {Count(twice.Count(), "time", "times")}", twice.Last().Session)
            : Judgement.Held($"the relay took {Count(taken.Count, "message", "messages")}, each once");
    }
}
