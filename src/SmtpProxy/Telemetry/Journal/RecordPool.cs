using System.Collections.Concurrent;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Records that wait for a session. Thread-safe.</summary>
/// <param name="maxEntries">Exchanges, and transactions, that are kept of a session.</param>
internal sealed class RecordPool(int maxEntries)
{
    private const int MaxSpare = 256;
    private readonly ConcurrentQueue<SessionRecord> _spare = new();

    /// <summary>Exchanges, and transactions, that are kept of a session.</summary>
    public int MaxEntries => maxEntries;

    /// <summary>A record to fill.</summary>
    public SessionRecord Rent() => _spare.TryDequeue(out var record) ? record : new SessionRecord();

    /// <summary>A record that nobody needs any more.</summary>
    public void Return(SessionRecord record)
    {
        if (_spare.Count < MaxSpare && record.IsSmall)
        {
            _spare.Enqueue(record);
        }
    }
}
