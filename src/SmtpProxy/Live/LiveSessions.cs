using System.Diagnostics;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>The sessions that are open, as they are at this moment. Who asks does the work; no loop knows of it. Thread-safe.</summary>
internal sealed class LiveSessions(OpenSessions open, RecordPool pool)
{
    /// <summary>Open sessions that a list looks at, those that began last.</summary>
    public const int Most = 1000;

    /// <summary>The open sessions, those that began last first.</summary>
    public IReadOnlyList<Sighting> Newest()
    {
        using var json = new SightingJson();
        var sightings = new List<Sighting>();
        foreach (var session in open.Newest(Most))
        {
            if (See(session, json) is { } sighting)
            {
                sightings.Add(sighting);
            }
        }

        return sightings;
    }

    /// <summary>One open session; null: there is none with this name, or it cannot be looked at.</summary>
    public Sighting? Find(string id)
    {
        using var json = new SightingJson();
        return open.Find(id) is { } session ? See(session, json) : null;
    }

    /// <summary>What changes whenever something was said in this session; null: it is not open.</summary>
    public uint? ChangesOf(string id) => open.Find(id)?.Changes;

    private Sighting? See(OpenSession session, SightingJson json)
    {
        var now = Stopwatch.GetTimestamp();
        if (session.Copy(pool, now) is not { } record)
        {
            return null;
        }

        var wait = (WaitingFor.NameOf(session.What), FactsReader.Milliseconds(Math.Max(0, now - session.Since)));
        var sighting = json.Make(record, FactsReader.Read(record, wait), 0);
        pool.Return(record);
        return sighting;
    }
}
