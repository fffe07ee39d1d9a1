using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry;

/// <summary>The sessions that are open, and what they wait for: <c>smtpproxy.sessions.waiting</c> and
/// <c>smtpproxy.sessions.waiting.oldest</c>. A session that hangs has no reply to be timed and no end to be counted by; here it
/// is seen while it hangs.</summary>
internal sealed class OpenSessions
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Group, Tag[]> _seen = new();
    private readonly TimeProvider _time;
    private OpenSession? _first;
    private int _count;

    /// <summary>Creates the gauges.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="time">Its monotonic clock is that of sessions.</param>
    public OpenSessions(Meter meter, TimeProvider time)
    {
        _time = time;
        meter.CreateObservableGauge("smtpproxy.sessions.waiting",
            () => Measure().Select(static w => new Measurement<long>(w.Count, w.Tags)), "{session}",
            "Open sessions, by what they wait for");
        meter.CreateObservableGauge("smtpproxy.sessions.waiting.oldest",
            () => Measure().Select(static w => new Measurement<double>(w.Oldest.TotalSeconds, w.Tags)), "s",
            "How long the longest of these waits has lasted");
    }

    /// <summary>How many are open.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A session begins.</summary>
    public void Add(OpenSession session, EndPoint client, long at)
    {
        session.Client = client;
        session.BeganAt = at;
        session.Await(Operation.Connect, at);
        lock (_lock)
        {
            session.Next = _first;
            if (_first is not null)
            {
                _first.Previous = session;
            }

            _first = session;
            _count++;
        }
    }

    /// <summary>A session is over.</summary>
    public void Remove(OpenSession session)
    {
        session.Over();
        lock (_lock)
        {
            if (session.Previous is { } previous)
            {
                previous.Next = session.Next;
            }
            else if (_first == session)
            {
                _first = session.Next;
            }

            if (session.Next is { } next)
            {
                next.Previous = session.Previous;
            }

            (session.Previous, session.Next) = (null, null);
            _count--;
        }
    }

    /// <summary>What sessions wait for at this moment, and the one that has for the longest time.</summary>
    public IReadOnlyCollection<Wait> Now()
    {
        var now = _time.GetTimestamp();
        var waits = new Dictionary<Group, Wait>();
        lock (_lock)
        {
            for (var session = _first; session is not null; session = session.Next)
            {
                var (group, age) = (new Group(session.What, session.Way), _time.GetElapsedTime(session.Since, now));
                var before = waits.GetValueOrDefault(group);
                waits[group] = before.Count > 0 && before.Oldest >= age
                    ? before with { Count = before.Count + 1 } : new Wait(group, before.Count + 1, age, session);
            }
        }

        return waits.Values;
    }

    /// <summary>The sessions that are open at this moment, those that began last first.</summary>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<OpenSession> Newest(int most)
    {
        var sessions = new List<OpenSession>();
        lock (_lock)
        {
            for (var session = _first; session is not null && sessions.Count < most; session = session.Next)
            {
                sessions.Add(session);
            }
        }

        return sessions;
    }

    private IEnumerable<(long Count, TimeSpan Oldest, Tag[] Tags)> Measure()
    {
        var now = Now().ToDictionary(static w => w.Group);
        foreach (var group in now.Keys)
        {
            _seen.TryAdd(group, TagsOf(group));
        }

        // A wait that is over is 0, and not a line that ends.
        return _seen.Select(s => now.TryGetValue(s.Key, out var wait)
            ? ((long)wait.Count, wait.Oldest < TimeSpan.Zero ? TimeSpan.Zero : wait.Oldest, s.Value)
            : (0L, TimeSpan.Zero, s.Value));
    }

    private static Tag[] TagsOf(Group group) =>
    [
        new(Attributes.WaitingFor, WaitingFor.NameOf(group.What)), new(Attributes.Listener, group.Way.Listener),
        new(Attributes.Cluster, group.Way.Cluster),
        new(Attributes.Destination, group.Way.Destination),
    ];

    /// <summary>Sessions that wait for the same.</summary>
    internal readonly record struct Group(int What, (string Listener, string Cluster, string Destination) Way);

    /// <summary>How many they are.</summary>
    /// <param name="Group">What they have in common.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Oldest">How long the first of them has waited.</param>
    /// <param name="First">That one.</param>
    internal readonly record struct Wait(Group Group, int Count, TimeSpan Oldest, OpenSession First);
}
