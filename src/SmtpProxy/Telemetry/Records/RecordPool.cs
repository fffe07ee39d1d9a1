using System.Collections.Concurrent;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Records that wait for a session. Thread-safe.</summary>
/// <param name="maxEntries">Exchanges, and transactions, that are kept of a session.</param>
internal sealed class RecordPool(int maxEntries)
{
    private const int MaxSpare = 256;
    private readonly ConcurrentQueue<SessionRecord> _spare = new();

    /// <summary>Exchanges, and transactions, that are kept of a session.</summary>
    public int MaxEntries => maxEntries;

    /// <summary>What all records hold, those that are rented included.</summary>
    public RecordMemory Memory { get; } = new();

    /// <summary>Returns a record to fill.</summary>
    public SessionRecord Rent() => _spare.TryDequeue(out var record) ? record : new SessionRecord(new RecordShare(Memory));

    /// <summary>Takes back a record that its caller does not need any more; the last of those who read it gives it back for good.</summary>
    public void Return(SessionRecord record)
    {
        if (Interlocked.Decrement(ref record.OtherReaders) >= 0)
        {
            return;
        }

        record.OtherReaders = 0;
        // Spare records never hold more than half of the memory, so that they cannot keep open sessions from growing.
        if (_spare.Count < MaxSpare && record.IsSmall && !Memory.IsScarce)
        {
            _spare.Enqueue(record);
        }
        else
        {
            record.Release();
        }
    }
}
