using System.Collections.Concurrent;

namespace SmtpProxy.Endurance;

/// <summary>What senders know of all messages, to be held against what the relay has.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<long, Verdict> _verdicts = [];

    /// <summary>A sender learnt what became of a message.</summary>
    public void Heard(Mail mail, Verdict verdict) => _verdicts[mail.Number] = verdict;

    /// <summary>How many there are of a verdict.</summary>
    public int Count(Verdict verdict) => _verdicts.Values.Count(v => v == verdict);

    /// <summary>Compares the two, prints what it found, and returns whether nothing was lost, doubled, made up or changed.</summary>
    public bool Agrees(CountingRelay relay)
    {
        var lost = _verdicts.Count(v => v.Value == Verdict.Accepted && !relay.Copies.ContainsKey(v.Key));
        var doubled = relay.Copies.Count(static c => c.Key >= 0 && c.Value > 1);
        var refusedAndThere = relay.Copies.Keys.Count(n => _verdicts.TryGetValue(n, out var verdict) && verdict == Verdict.Refused);
        var unknownAndThere = relay.Copies.Keys.Count(n => _verdicts.TryGetValue(n, out var verdict) && verdict == Verdict.Unknown);
        Console.WriteLine($"senders: {Count(Verdict.Accepted)} accepted, {Count(Verdict.Refused)} refused, "
            + $"{Count(Verdict.Unknown)} without an answer");
        Console.WriteLine($"relay:   {relay.Accepted} accepted, {unknownAndThere} of them without an answer at the sender");
        Console.WriteLine($"lost {lost}, doubled {doubled}, refused and there all the same {refusedAndThere}, changed {relay.Wrong}");
        return lost == 0 && doubled == 0 && refusedAndThere == 0 && relay.Wrong == 0
            && relay.Accepted == Count(Verdict.Accepted) + unknownAndThere;
    }
}
