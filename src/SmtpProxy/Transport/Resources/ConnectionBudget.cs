namespace SmtpProxy.Transport.Resources;

/// <summary>
/// What all connections of the process may have together. Whoever comes when it is used up is turned away in few words, at once, before any
/// state is made for it: that a process runs out of descriptors is what its runtime does not survive (an assembly that cannot be opened is
/// lost for good), and admin pages, journal and name lookups need some, too. Thread-safe.
/// </summary>
public sealed class ConnectionBudget
{
    /// <summary>Pipes that only spare copies may have this part of it.</summary>
    private const int PipeShare = 8;

    private readonly Action<string> _met;
    private int _capacity = int.MaxValue;
    private int _taken;
    private int _ofPipes;

    /// <summary>Creates one without a bound.</summary>
    /// <param name="met">Told the name of a bound each time that it turns a connection away.</param>
    public ConnectionBudget(Action<string>? met = null) => _met = met ?? (static _ => { });

    /// <summary>Descriptors for connections; set once, when it is known how many everything else needs.</summary>
    public int Capacity
    {
        get => Volatile.Read(ref _capacity);
        set => Volatile.Write(ref _capacity, value);
    }

    /// <summary>Descriptors taken, or kept for connections that are still to be made.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Takes what a connection will need until its end; <see cref="Leave"/> gives it back.</summary>
    /// <returns>False: it is to be turned away, and takes nothing.</returns>
    internal bool TryEnter(int descriptors)
    {
        if (QueueMemory.IsExhausted)
        {
            QueueMemory.LookForForgotten();
            _met("queue_memory");
            return false;
        }

        if (!TryTake(descriptors, Capacity))
        {
            Met(Shortage.Descriptors);
            return false;
        }

        return true;
    }

    /// <summary>A connection is over.</summary>
    internal void Leave(int descriptors) => Interlocked.Add(ref _taken, -descriptors);

    /// <summary>The two ends of a pipe, if sessions can spare them.</summary>
    internal bool TryTakePipe()
    {
        if (Interlocked.Add(ref _ofPipes, 2) <= Capacity / PipeShare && TryTake(2, Capacity - (Capacity / PipeShare)))
        {
            return true;
        }

        Interlocked.Add(ref _ofPipes, -2);
        return false;
    }

    /// <summary>A pipe is closed.</summary>
    internal void GivePipe()
    {
        Interlocked.Add(ref _ofPipes, -2);
        Leave(2);
    }

    /// <summary>The system itself refuses what this budget would allow.</summary>
    internal void Met(Shortage shortage) => _met(shortage.Name());

    private bool TryTake(int count, int bound)
    {
        if (Interlocked.Add(ref _taken, count) <= bound)
        {
            return true;
        }

        Interlocked.Add(ref _taken, -count);
        return false;
    }
}
