using System.Diagnostics;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>
/// The sessions that are open, as they are at this moment. Who asks does the work; no loop knows of it. All who ask share it: what one
/// has looked at is good for
/// a moment, so that many readers cost what one does. Thread-safe.
/// </summary>
/// <param name="open">All of them.</param>
/// <param name="pool">Where copies of records are rented.</param>
/// <param name="moment">For how long a look is good, at least.</param>
internal sealed class LiveSessions(OpenSessions open, RecordPool pool, TimeSpan moment = default)
{
    /// <summary>Open sessions that a list looks at, those that began last.</summary>
    public const int Most = 1000;

    /// <summary>A list is good for so many times what it took to make: whatever is asked, it takes a twentieth of a core at most.</summary>
    private const int Rest = 20;

    private readonly Lock _looking = new();
    private readonly Lock _listing = new();
    private Dictionary<string, OpenSession> _known = [];
    private IReadOnlyList<(OpenSession Session, Sighting Seen)> _list = [];
    private long _lookedAt;
    private long _listedAt;
    private TimeSpan _listTook;

    /// <summary>The open sessions, those that began last first.</summary>
    public IReadOnlyList<Sighting> Newest()
    {
        lock (_listing)
        {
            if (!IsFresh(_listedAt, _listTook * Rest))
            {
                var began = Stopwatch.GetTimestamp();
                _list = [.. List()];
                (_listedAt, _listTook) = (Stopwatch.GetTimestamp(), moment == default ? default : Stopwatch.GetElapsedTime(began));
            }

            // What ended meanwhile is among the finished ones.
            return [.. _list.Where(static one => !one.Session.IsOver).Select(static one => one.Seen)];
        }
    }

    /// <summary>One open session; null: there is none with this name, or it cannot be looked at.</summary>
    public Sighting? Find(string id)
    {
        using var json = new SightingJson();
        return Known(id) is { } session ? See(session, json) : null;
    }

    /// <summary>What changes whenever something was said in this session; null: it is not open.</summary>
    public uint? ChangesOf(string id) => Known(id)?.Changes;

    private bool IsFresh(long at, TimeSpan rest) =>
        at != 0 && moment > TimeSpan.Zero && Stopwatch.GetElapsedTime(at) < (rest > moment ? rest : moment);

    /// <summary>Loops wait for whoever walks along all sessions, so that is done once for all who look for one.</summary>
    private OpenSession? Known(string id)
    {
        Dictionary<string, OpenSession> known;
        lock (_looking)
        {
            if (!IsFresh(_lookedAt, default))
            {
                _known = open.Newest(int.MaxValue).Where(static one => !one.IsOver).DistinctBy(static one => one.Session.Id)
                    .ToDictionary(static one => one.Session.Id, StringComparer.Ordinal);
                _lookedAt = Stopwatch.GetTimestamp();
            }

            known = _known;
        }

        return known.GetValueOrDefault(id) is { IsOver: false } session ? session : null;
    }

    private IEnumerable<(OpenSession Session, Sighting Seen)> List()
    {
        using var json = new SightingJson();
        foreach (var session in open.Newest(Most))
        {
            if (See(session, json) is { } sighting)
            {
                yield return (session, sighting);
            }
        }
    }

    private Sighting? See(OpenSession session, SightingJson json)
    {
        var now = Stopwatch.GetTimestamp();
        if (session.IsOver || session.Copy(pool, now) is not { } record)
        {
            return null;
        }

        try
        {
            var wait = (WaitingFor.NameOf(session.What), FactsReader.Milliseconds(Math.Max(0, now - session.Since)));
            return json.Make(record, FactsReader.Read(record, wait), 0);
        }
        finally
        {
            pool.Return(record);
        }
    }
}
