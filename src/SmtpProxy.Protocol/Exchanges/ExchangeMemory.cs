namespace SmtpProxy.Protocol.Exchanges;

/// <summary>The octets that long queues of exchanges without a reply, held octets and long lists of recipients take, of all dialogues that
/// share it, and what they may come to. A client decides how much it asks without waiting, and a relay when it answers: 10,000 commands
/// take half a megabyte. What is short is not counted. When the limit is reached, a queue that would have to grow, or octets that would
/// have to be held, end the tracking of their dialogue, as too many do; recipients that cannot be listed are
/// only counted. Thread-safe.</summary>
public sealed class ExchangeMemory
{
    /// <summary>What <see cref="Limit"/> is unless it is set: 64 MiB.</summary>
    public const long DefaultLimit = 64L * 1024 * 1024;

    private long _inUse;
    private long _limit = DefaultLimit;

    /// <summary>Called each time that something cannot grow.</summary>
    public Action? Met { get; set; }

    /// <summary>Octets taken now.</summary>
    public long InUse => Volatile.Read(ref _inUse);

    /// <summary>How many may be; 0 = as many as there are.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Whether so many octets more are allowed; when they are not, that is counted.</summary>
    internal bool Allows(long more)
    {
        if (Limit is not (> 0 and var limit) || InUse + more <= limit)
        {
            return true;
        }

        Refuse();
        return false;
    }

    /// <summary>Counts that something was not kept.</summary>
    internal void Refuse() => Met?.Invoke();

    /// <summary>Octets are taken until the lease is disposed, or forgotten.</summary>
    internal Lease Take(long octets) => new(this, octets);

    /// <summary>What one queue has taken.</summary>
    internal sealed class Lease : IDisposable
    {
        private readonly ExchangeMemory _memory;
        private long _octets;

        public Lease(ExchangeMemory memory, long octets)
        {
            (_memory, _octets) = (memory, octets);
            Interlocked.Add(ref memory._inUse, octets);
        }

        /// <summary>A dialogue that nobody finished.</summary>
        ~Lease() => GiveBack();

        public void Dispose()
        {
            GiveBack();
            GC.SuppressFinalize(this);
        }

        private void GiveBack() => Interlocked.Add(ref _memory._inUse, -Interlocked.Exchange(ref _octets, 0));
    }
}
