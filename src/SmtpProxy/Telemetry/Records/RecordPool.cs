namespace SmtpProxy.Telemetry.Records;

/// <summary>Records that wait for a session. The last one that came back goes first: a record keeps what its largest session needed, and in
/// turns every spare one would come to have had a large one. Thread-safe.</summary>
/// <param name="maxEntries">Exchanges, and transactions, that are kept of a session.</param>
internal sealed class RecordPool(int maxEntries)
{
    private const int MaxSpare = 256;
    private readonly Lock _lock = new();
    private readonly Stack<SessionRecord> _spare = new();

    /// <summary>Exchanges, and transactions, that are kept of a session.</summary>
    public int MaxEntries => maxEntries;

    /// <summary>What all records hold, those that are rented included.</summary>
    public RecordMemory Memory { get; } = new();

    /// <summary>Returns a record to fill.</summary>
    public SessionRecord Rent()
    {
        lock (_lock)
        {
            if (_spare.TryPop(out var record))
            {
                return record;
            }
        }

        return new SessionRecord(new RecordShare(Memory));
    }

    /// <summary>Takes back a record that its caller does not need any more; the last of those who read it gives it back for good.</summary>
    public void Return(SessionRecord record)
    {
        if (Interlocked.Decrement(ref record.OtherReaders) >= 0)
        {
            return;
        }

        record.OtherReaders = 0;
        // Spare records never hold more than half of the memory, so that they cannot keep open sessions from growing.
        if (!record.IsSmall || Memory.IsScarce || !TryKeep(record))
        {
            record.Release();
        }
    }

    private bool TryKeep(SessionRecord record)
    {
        lock (_lock)
        {
            if (_spare.Count == MaxSpare)
            {
                return false;
            }

            _spare.Push(record);
            return true;
        }
    }
}
