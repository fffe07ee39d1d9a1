using SmtpProxy.Protocol.Commands;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Live;

/// <summary>What the counters of the metrics stood at, at one moment. Of two of them, <see cref="Since"/>
/// makes what happened between.</summary>
internal sealed class Totals
{
    /// <summary>When, in ticks of the monotonic clock.</summary>
    public long At { get; private init; }

    /// <summary>Sessions that ended, and those of them that were not followed to their end.</summary>
    public long Sessions { get; private set; }
    public long Unseen { get; private set; }

    /// <summary>Transactions, by <see cref="Verdict"/>.</summary>
    public long[] Messages { get; } = new long[(int)Verdict.Aborted + 1];

    /// <summary>Time of sessions by <see cref="Owner"/>, in ticks.</summary>
    public long[] Time { get; } = new long[3];

    /// <summary>Refusals, by what was refused, who did and to which relay it was.</summary>
    public Dictionary<(Operation Operation, Origin Origin, int Code, string Destination), long> Refusals { get; } = [];

    /// <summary>Times of phases, of each relay.</summary>
    public Dictionary<(string Cluster, string Destination), long[]?[]> Phases { get; } = [];

    /// <summary>The counters as they are now.</summary>
    public static Totals Of(Instruments instruments, long at)
    {
        var totals = new Totals { At = at };
        foreach (var listener in instruments.Listeners)
        {
            foreach (var (key, count) in listener.Sessions.Counts)
            {
                totals.Sessions += count;
                totals.Unseen += key.Visibility == Visibility.Tracked ? 0 : count;
            }

            foreach (var relay in listener.Relays)
            {
                totals.Add(listener.ClusterName, relay);
            }
        }

        return totals;
    }

    /// <summary>What happened since an earlier moment.</summary>
    public Totals Since(Totals before)
    {
        var passed = new Totals { At = At, Sessions = Sessions - before.Sessions, Unseen = Unseen - before.Unseen };
        Subtract(Messages, before.Messages, passed.Messages);
        Subtract(Time, before.Time, passed.Time);
        foreach (var (key, count) in Refusals)
        {
            if (count - before.Refusals.GetValueOrDefault(key) is > 0 and var more)
            {
                passed.Refusals[key] = more;
            }
        }

        foreach (var (relay, phases) in Phases)
        {
            passed.Phases[relay] = [.. phases.Select((counts, phase) => counts is null
                ? null : Subtracted(counts, before.Phases.GetValueOrDefault(relay)?[phase]))];
        }

        return passed;
    }

    /// <summary>The times of one phase, of all relays together; null: none was measured.</summary>
    public PhaseTimes TimesOf(int phase) => PhaseTimes.Of(Phases.Values.Select(p => p[phase]));

    private void Add(string cluster, RelayTags relay)
    {
        foreach (var (verdict, count) in relay.Transactions.Counts)
        {
            Messages[(int)verdict] += count;
        }

        foreach (var (owner, ticks) in relay.Time.Counts)
        {
            Time[(int)owner] += ticks;
        }

        foreach (var (operation, origin, code, count) in relay.Refusals())
        {
            var key = (operation, origin, code, relay.Destination);
            Refusals[key] = Refusals.GetValueOrDefault(key) + count;
        }

        if (!Phases.TryGetValue((cluster, relay.Destination), out var phases))
        {
            Phases[(cluster, relay.Destination)] = phases = new long[]?[Latencies.Phases];
        }

        relay.Latencies.AddTo(phases);
    }

    private static void Subtract(long[] now, long[] before, long[] passed)
    {
        for (var n = 0; n < now.Length; n++)
        {
            passed[n] = now[n] - before[n];
        }
    }

    private static long[] Subtracted(long[] now, long[]? before)
    {
        var passed = new long[now.Length];
        Subtract(now, before ?? passed, passed);
        return passed;
    }
}
