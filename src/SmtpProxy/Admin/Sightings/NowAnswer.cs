using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Live;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Sightings;

/// <summary>The answer of <c>/api/v1/now</c>. What is counted without another word was counted within the window.</summary>
/// <param name="Time">When.</param>
/// <param name="Version">The product's version.</param>
/// <param name="Started">When the process began.</param>
/// <param name="Ready">Whether it takes sessions.</param>
/// <param name="Reason">Why it does not.</param>
/// <param name="WindowS">How many seconds the window has; less have passed right after the start.</param>
/// <param name="Flow">Whether mail is flowing, in a word and in a sentence.</param>
/// <param name="Sessions">Sessions.</param>
/// <param name="Messages">Transactions by outcome.</param>
/// <param name="Totals">The same since the start, as the metrics have it.</param>
/// <param name="Phases">How long phases took: from 220 to 354 and the end of data first.</param>
/// <param name="Refusals">Replies 4yz and 5yz, the most frequent first.</param>
/// <param name="TimeOwners">Whose the time of sessions was; null: there was none.</param>
/// <param name="Unseen">Sessions that could not be followed to their end.</param>
/// <param name="Faults">Faults.</param>
/// <param name="Relays">How many relays are up.</param>
/// <param name="Discards">Clusters whose mail is discarded.</param>
/// <param name="Waiting">Sessions that wait for a relay or a fault for longer than a second, the longest first.</param>
/// <param name="WaitingGroups">All open sessions, by what they wait for.</param>
/// <param name="History">The last ten minutes.</param>
/// <param name="Store">How much of the traffic is kept to be looked at.</param>
internal sealed record NowAnswer(
    DateTimeOffset Time, string Version, DateTimeOffset Started, bool Ready, string? Reason, int WindowS, FlowView Flow,
    SessionRates Sessions, MessageCounts Messages,
    TotalCounts Totals, IReadOnlyList<PhaseView> Phases, IReadOnlyList<RefusalCount> Refusals, OwnerShares? TimeOwners, UnseenView Unseen,
    FaultsView Faults, RelaysView Relays,
    IReadOnlyList<string> Discards, IReadOnlyList<WaitingSession> Waiting, IReadOnlyList<WaitGroup> WaitingGroups, HistoryView History,
    StoreView Store);

/// <summary>Whether mail is flowing.</summary>
/// <param name="State"><c>flowing</c>, <c>quiet</c>, <c>failing</c> or <c>not_ready</c>.</param>
/// <param name="Text">A sentence.</param>
internal sealed record FlowView(string State, string Text)
{
    /// <summary>Judges it.</summary>
    public static FlowView Of(string? reason, Totals lately, double seconds, IReadOnlyList<RelayView> relays)
    {
        var (accepted, failed) = (lately.Messages[(int)Verdict.Accepted] + lately.Messages[(int)Verdict.Partial],
            lately.Messages[(int)Verdict.Tempfail] + lately.Messages[(int)Verdict.Permfail] + lately.Messages[(int)Verdict.Aborted]);
        var down = relays.Count > 0 && !relays.Any(static r => r.State is "up" or "trying");
        return reason is not null ? new("not_ready", $"No session is taken: {reason}.")
            : down ? new("failing", "No relay is up.")
            : accepted > 0 && accepted >= failed
            ? new("flowing", FormattableString.Invariant($"{accepted / seconds:0.##} messages a second are accepted."))
            : accepted + failed > 0
            ? new("failing", FormattableString.Invariant($"{failed} of {accepted + failed} messages were not accepted."))
            : lately.Refusals.Count > 0 ? new("failing", "No message was accepted, and clients were refused.")
            : new("quiet", "No message came.");
    }
}

/// <summary>Sessions.</summary>
/// <param name="Open">Open now.</param>
/// <param name="PerSecond">That ended a second.</param>
/// <param name="Ended">That ended.</param>
internal sealed record SessionRates(int Open, double PerSecond, long Ended);

/// <summary>Transactions, by outcome.</summary>
internal sealed record MessageCounts(double? PerSecond, long Accepted, long Tempfail, long Permfail, long Partial, long Reset, long Aborted)
{
    /// <summary>Those of these counters.</summary>
    public static MessageCounts Of(Totals totals, double? perSecond) => new(
        perSecond, totals.Messages[(int)Verdict.Accepted], totals.Messages[(int)Verdict.Tempfail], totals.Messages[(int)Verdict.Permfail],
        totals.Messages[(int)Verdict.Partial], totals.Messages[(int)Verdict.Reset], totals.Messages[(int)Verdict.Aborted]);
}

/// <summary>What was counted since the start.</summary>
internal sealed record TotalCounts(long Sessions, MessageCounts Messages);

/// <summary>How long a phase took: within a quarter.</summary>
/// <param name="Phase">An operation, or <c>data_ready</c>: from 220 to 354.</param>
/// <param name="Count">How often it was.</param>
/// <param name="P50Ms">The median; null: there was none.</param>
/// <param name="P95Ms">What nineteen of twenty did not exceed.</param>
internal sealed record PhaseView(string Phase, long Count, double? P50Ms, double? P95Ms)
{
    /// <summary>All phases: from 220 to 354 and the end of data first, and then in the order of a session.</summary>
    public static IReadOnlyList<PhaseView> All(Func<int, PhaseTimes> times) =>
    [
        .. ((int[])[Latencies.DataReady, (int)Operation.EndOfData])
        .Concat(Enum.GetValues<Operation>().Where(static o => o is not (Operation.EndOfData or Operation.Other)).Select(static o => (int)o))
            .Select(phase => Of(phase, times(phase))),
    ];

    /// <summary>The view of a phase.</summary>
    public static PhaseView Of(int phase, PhaseTimes times) => new(Latencies.NameOf(phase), times.Count, times.P50Ms, times.P95Ms);
}

/// <summary>Refusals with one code at one operation.</summary>
internal sealed record RefusalCount(int Code, string Operation, string Origin, long Count, IReadOnlyList<string> Destinations, string? Name,
    string? Meaning);

/// <summary>Shares of the time of sessions, which add up to 1.</summary>
internal sealed record OwnerShares(double Client, double Relay, double Proxy);

/// <summary>Sessions that could not be followed to their end; the share is null where none ended.</summary>
internal sealed record UnseenView(double? Share, long Sessions, long Of);

/// <summary>Faults: whether they can be armed, how many rules are, and whether they are halted.</summary>
internal sealed record FaultsView(bool Enabled, int Armed, bool Halted, IReadOnlyList<string> Rules);

/// <summary>How many relays are up.</summary>
internal sealed record RelaysView(int Up, int Of, IReadOnlyList<string> Down);

/// <summary>Open sessions that wait for the same.</summary>
internal sealed record WaitGroup(string WaitingFor, string Listener, string Cluster, string Destination, int Sessions, double OldestMs);

/// <summary>What happened, step by step.</summary>
internal sealed record HistoryView(int StepS, IReadOnlyList<RatePoint> Points);
