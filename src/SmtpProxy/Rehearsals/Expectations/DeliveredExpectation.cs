using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Every message has reached the relay: its own reply counts, whatever the client was told.</summary>
internal sealed class DeliveredExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("delivered",
        "Every message, to each of its recipients, has been taken by the relay.",
        [
            new("messages", FieldKind.Integer, "How many, each recipient counted; traffic.messages unless said.")
                { Min = 1, Max = 1_000_000 },
            new("within", FieldKind.Duration, "How long it may take, from when the client began."),
            new("exactlyOnce", FieldKind.Flag, "Whether none may be taken twice.") { Default = "true" },
        ],
        static (values, _) => new DeliveredExpectation(values));

    private readonly long? _messages;
    private readonly TimeSpan? _within;
    private readonly bool _once;

    private DeliveredExpectation(Values values) =>
        (_messages, _within, _once) = (values.Integer("messages"), values.Duration("within"),
            !values.Has("exactlyOnce") || values.Flag("exactlyOnce"));

    public override string Text =>
        $"delivered{(_once ? " exactly once" : "")}{(_within is { } within ? $" within {Said(within)}" : "")}";

    public override Judgement Judge(Observation seen)
    {
        var wanted = (int)(_messages ?? seen.Messages ?? 1);
        // One alone is told from no other.
        if (seen.Tries.Where(static t => t.IsTaken).Skip(1).Any()
            && seen.Tries.FirstOrDefault(static t => t is { IsTaken: true, HasMail: false }) is { } unknown)
        {
            return Judgement.Broken(NoDuplicateExpectation.Untold, unknown.Session);
        }

        var taken = seen.Tries.Where(static t => t.IsTaken).GroupBy(static t => t.Mail).ToList();
        if (_once && taken.FirstOrDefault(static mail => mail.Skip(1).Any()) is { } twice)
        {
            return Judgement.Broken($"the relay took a message {Count(twice.Count(), "time", "times")}", twice.Last().Session);
        }

        var last = taken.Select(static mail => mail.First()).MaxBy(static t => t.Ended);
        if (taken.Count < wanted)
        {
            return Judgement.Broken($"the relay took {taken.Count} of {Count(wanted, "message", "messages")}",
                seen.Tries.LastOrDefault(static t => !t.IsTaken)?.Session);
        }

        // Of mail that passes nobody says how much it is: whatever was tried must have been taken in the end.
        if (_messages is null && seen.Messages is null && seen.Tries.FirstOrDefault(t => !t.IsTaken
            && !seen.Tries.Any(other => other.IsTaken && t.MayBe(other))) is { } missing)
        {
            return Judgement.Broken("a message was tried, and the relay has not taken it", missing.Session);
        }

        return _within is { } limit && last is not null && last.Ended - seen.Began > limit.TotalSeconds
            ? Judgement.Broken($"the last message was taken after {Said(last.Ended - seen.Began)}", last.Session)
            : Judgement.Held($"the relay took {Count(taken.Count, "message", "messages")}" +
                (last is null ? "" : $", the last after {Said(last.Ended - seen.Began)}"), last?.Session);
    }
}
