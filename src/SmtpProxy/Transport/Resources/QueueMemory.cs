namespace SmtpProxy.Transport.Resources;

/// <summary>
/// The octets of all sessions that wait in the process's own memory, and what they may come to. One for the process, as memory is. Whoever
/// makes a queue grow is paused while it is long: a leg is not read while more than <see cref="Bound"/> is unsent to it, for what it sends
/// draws replies, the proxy's own included. When the limit is reached that bound is 0 and no new session is let in;
/// none is ended for it. Thread-safe.
/// </summary>
public static class QueueMemory
{
    /// <summary>What <see cref="Limit"/> is unless it is set.</summary>
    public const long DefaultLimit = 256L * 1024 * 1024;

    /// <summary>More than a read, encrypted, comes to: octets that are only passed on never get there, so that each
    /// direction goes on by itself.</summary>
    private const int MostUnsent = Portion.Largest + (32 * 1024);

    /// <summary>How often forgotten queues are looked for, in milliseconds.</summary>
    private const long LookAgain = 5_000;

    private static readonly Reminder s_looking = new(LookAgain);
    private static long s_inUse;
    private static long s_limit = DefaultLimit;

    /// <summary>Octets that wait now.</summary>
    public static long InUse => Volatile.Read(ref s_inUse);

    /// <summary>How many may; 0 = as many as there are.</summary>
    public static long Limit
    {
        get => Volatile.Read(ref s_limit);
        set => Volatile.Write(ref s_limit, value);
    }

    /// <summary>The limit is reached.</summary>
    public static bool IsExhausted => Limit is > 0 and var limit && InUse >= limit;

    /// <summary>A leg with more unsent to it is not read.</summary>
    public static int Bound => IsExhausted ? 0 : MostUnsent;

    /// <summary>Queues that were forgotten count until they are collected, and a process that turns everybody away takes too little memory
    /// for that to come by itself.</summary>
    internal static void LookForForgotten()
    {
        if (s_looking.IsDue())
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }

    internal static void Take(int octets) => Interlocked.Add(ref s_inUse, octets);

    internal static void Give(int octets) => Interlocked.Add(ref s_inUse, -octets);

    /// <summary>Memory of a queue that nobody closes in the end: it is counted until it is given back, or forgotten. The memory itself is
    /// not in here: what has a finalizer outlives the collection that finds it forgotten, and where memory is
    /// short it is wanted then.</summary>
    internal sealed class Lease : IDisposable
    {
        private int _counted;

        public Lease(int octets)
        {
            _counted = octets;
            Take(octets);
        }

        ~Lease() => GiveBack();

        /// <summary>It is so much from now on.</summary>
        public void Count(int octets) => Take(octets - Interlocked.Exchange(ref _counted, octets));

        public void Dispose()
        {
            GiveBack();
            GC.SuppressFinalize(this);
        }

        private void GiveBack() => Count(0);
    }
}
