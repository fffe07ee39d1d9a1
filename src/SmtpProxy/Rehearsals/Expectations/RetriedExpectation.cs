using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Whoever is put off, or cut, comes back (RFC 5321 4.5.4.1), neither too soon nor too late.</summary>
internal sealed class RetriedExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("retried",
        "Each try that was put off (4yz) or cut is followed by another for the same mail.",
        [
            new("min", FieldKind.Duration, "How long the client waits at least, from the end of one try to the beginning of the next."),
            new("max", FieldKind.Duration, "How long at most."),
            new("atLeast", FieldKind.Integer, "How many such tries there must be.") { Min = 0, Max = 1_000_000, Default = "1" },
            new("sameMessageId", FieldKind.Flag, "Whether the message keeps its Message-ID, so that whoever gets it twice can tell.")
                { Default = "false" },
        ],
        static (values, errors) => new RetriedExpectation(values, Between.Read(values, errors)));

    private readonly (TimeSpan Min, TimeSpan Max) _pause;
    private readonly long _atLeast;
    private readonly bool _sameId;

    private RetriedExpectation(Values values, (TimeSpan Min, TimeSpan Max) pause) =>
        (_pause, _atLeast, _sameId) = (pause, values.Integer("atLeast") ?? 1, values.Flag("sameMessageId"));

    public override string Text =>
        $"tried again {Between.Said(_pause, Said)}{(_sameId ? ", with the same Message-ID" : "")}";

    private static string Range(double shortest, double longest) =>
        Said(shortest) == Said(longest) ? Said(longest) : $"{Said(shortest)} to {Said(longest)}";

    public override Judgement Judge(Observation seen)
    {
        var (tries, failed, shortest, longest, isSame) = (seen.Tries, 0, double.MaxValue, 0.0, false);
        foreach (var (n, put) in tries.Index().Where(static t => t.Item.End is TryEnd.PutOff or TryEnd.Cut))
        {
            // One session may put off a message for several recipients, who are tried again together.
            if (tries.Skip(n + 1).FirstOrDefault(next => next.Began > put.Began && put.MayBe(next)) is not { } again)
            {
                return Judgement.Broken(put.End == TryEnd.Cut
                    ? "a try was cut, and none came after it" : "a try was put off, and none came after it", put.Session);
            }

            var pause = Math.Max(0, again.Began - put.Ended);
            // A client that is gone may be back before the proxy has noticed: how long it waited is not known then.
            var isKnown = put.End == TryEnd.PutOff || again.Began >= put.Ended;
            if ((isKnown && pause < _pause.Min.TotalSeconds) || pause > _pause.Max.TotalSeconds)
            {
                return Judgement.Broken($"the next try came after {Said(pause)}", again.Session);
            }

            isSame |= put.MessageId is not null && again.MessageId is not null;
            if (_sameId && put.MessageId is { } id && again.MessageId is { } other && id != other)
            {
                return Judgement.Broken("the message came again with another Message-ID", again.Session);
            }

            (failed, shortest, longest) = (failed + 1, Math.Min(shortest, pause), Math.Max(longest, pause));
        }

        return failed < _atLeast
            ? Judgement.Broken($"only {Count(failed, "try was", "tries were")} put off or cut")
            : _sameId && failed > 0 && !isSame
            ? Judgement.Broken("no Message-ID was seen both times; in staging it takes SmtpProxy:Telemetry:ReadMessageId, and a try that " +
                "is put off before its message shows none")
            : Judgement.Held(failed == 0 ? "nothing was put off"
                : $"{Count(failed, "try", "tries")} came again, after {Range(shortest, longest)}",
                tries is [.., var last] ? last.Session : null);
    }
}
