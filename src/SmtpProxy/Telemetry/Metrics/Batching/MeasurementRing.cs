namespace SmtpProxy.Telemetry.Metrics.Batching;

/// <summary>What one thread has measured and no instrument has yet. That thread adds without a lock; whoever empties it, the same thread or
/// another, holds one.</summary>
internal sealed class MeasurementRing
{
    /// <summary>Measurements that it holds; a power of two. Some 20 of them are a message's.</summary>
    public const int Size = 256;

    private readonly Measurement[] _measurements = new Measurement[Size];
    private readonly Lock _emptying = new();
    private long _written;
    private long _read;

    /// <summary>Adds one; makes room first where there is none. On the ring's own thread.</summary>
    public void Add(in Measurement measurement)
    {
        var written = _written;
        if (written - Volatile.Read(ref _read) == Size)
        {
            Empty();
        }

        _measurements[written & (Size - 1)] = measurement;
        Volatile.Write(ref _written, written + 1);
    }

    /// <summary>Gives all that was added until now to the instruments. From any thread.</summary>
    public void Empty()
    {
        lock (_emptying)
        {
            for (var written = Volatile.Read(ref _written); _read < written; Volatile.Write(ref _read, _read + 1))
            {
                _measurements[_read & (Size - 1)].Record();
            }
        }
    }
}
