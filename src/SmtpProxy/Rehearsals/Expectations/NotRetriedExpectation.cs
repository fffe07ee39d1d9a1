using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Whoever is refused for good does not come back with the same mail (RFC 5321 4.2.1).</summary>
internal sealed class NotRetriedExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("notRetried",
        "A mail that was refused for good (5yz) is not tried again, and at least one was refused.", [],
        static (_, _) => new NotRetriedExpectation());

    public override string Text => "refused for good, and not tried again";

    public override Judgement Judge(Observation seen)
    {
        var (tries, refused) = (seen.Tries, 0);
        foreach (var (n, never) in tries.Index().Where(static t => t.Item.End == TryEnd.Refused))
        {
            refused++;
            if (tries.Skip(n + 1).FirstOrDefault(next => next.Began > never.Began && never.MayBe(next)) is { } again)
            {
                return Judgement.Broken("a mail that was refused for good came again", again.Session);
            }
        }

        return refused == 0 ? Judgement.Broken("nothing was refused for good")
            : Judgement.Held($"{Count(refused, "try was", "tries were")} refused for good, and not made again");
    }
}
