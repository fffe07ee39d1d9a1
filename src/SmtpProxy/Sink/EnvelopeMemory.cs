namespace SmtpProxy.Sink;

/// <summary>The octets that the envelopes of all open transactions take, and what they may come to: clients decide how many recipients
/// there are, and when a transaction ends. Thread-safe.</summary>
/// <param name="limit">How many may be; 0 = as many as there are.</param>
internal sealed class EnvelopeMemory(long limit)
{
    /// <summary>64 MiB.</summary>
    public const long DefaultLimit = 64L * 1024 * 1024;

    /// <summary>What an address takes beside its characters: the string, its place in a list that grows by half, and
    /// the answer it asks for.</summary>
    private const int Overhead = 160;

    private long _inUse;

    /// <summary>How many may be; 0 = as many as there are.</summary>
    public long Limit => limit;

    /// <summary>Octets taken now.</summary>
    public long InUse => Volatile.Read(ref _inUse);

    /// <summary>What an address of so many octets takes at most.</summary>
    public static long Of(int address) => Overhead + (sizeof(char) * (long)address);

    /// <summary>Takes octets, if the limit allows.</summary>
    public bool TryTake(long octets)
    {
        if (Interlocked.Add(ref _inUse, octets) <= limit || limit == 0)
        {
            return true;
        }

        Give(octets);
        return false;
    }

    /// <summary>Octets are taken no more.</summary>
    public void Give(long octets) => Interlocked.Add(ref _inUse, -octets);
}
