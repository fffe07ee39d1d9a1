namespace SmtpProxy.Telemetry.Records;

/// <summary>The octets that all records hold: those of open sessions, those that wait for the journal's writer, and spare ones. When the
/// limit is reached, records are cut short instead of growing; nothing else of a session changes. Thread-safe.</summary>
internal sealed class RecordMemory
{
    /// <summary>What <see cref="Limit"/> is unless it is set: 256 MiB.</summary>
    public const long DefaultLimit = 256L * 1024 * 1024;

    private long _inUse;
    private long _limit = DefaultLimit;

    /// <summary>Called once for each session whose record is cut short.</summary>
    public Action? Met { get; set; }

    /// <summary>Octets held now.</summary>
    public long InUse => Volatile.Read(ref _inUse);

    /// <summary>How many octets may be held; 0: no limit.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Whether more than half is in use: spare records are then released, so that open sessions can grow.</summary>
    public bool IsScarce => Limit is > 0 and var limit && InUse > limit / 2;

    /// <summary>Takes octets. Returns false when the limit does not allow it.</summary>
    public bool TryTake(long octets)
    {
        if (Interlocked.Add(ref _inUse, octets) <= Limit || Limit == 0)
        {
            return true;
        }

        Give(octets);
        return false;
    }

    /// <summary>Takes octets whatever the limit says.</summary>
    public void Take(long octets) => Interlocked.Add(ref _inUse, octets);

    /// <summary>Gives octets back.</summary>
    public void Give(long octets) => Interlocked.Add(ref _inUse, -octets);
}
