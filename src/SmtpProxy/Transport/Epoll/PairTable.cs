namespace SmtpProxy.Transport.Epoll;

/// <summary>The open pairs of a loop, by slot: events carry a slot and not a reference.</summary>
internal sealed class PairTable
{
    private readonly Stack<int> _free = new();
    private EpollPair?[] _pairs = new EpollPair?[64];
    private int _used;
    private int _count;

    /// <summary>How many are open; may be asked from any thread.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The pair in a slot, if there is one.</summary>
    internal EpollPair? this[int slot] => (uint)slot < (uint)_pairs.Length ? _pairs[slot] : null;

    /// <summary>Gives a pair its slot.</summary>
    internal void Add(EpollPair pair)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _used++;
            if (slot == _pairs.Length)
            {
                Array.Resize(ref _pairs, slot * 2);
            }
        }

        _pairs[slot] = pair;
        pair.Slot = slot;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Frees a pair's slot for another.</summary>
    internal void Remove(EpollPair pair)
    {
        _pairs[pair.Slot] = null;
        _free.Push(pair.Slot);
        Volatile.Write(ref _count, _count - 1);
    }

    /// <summary>All pairs at this moment.</summary>
    internal EpollPair[] Snapshot() => [.. _pairs.OfType<EpollPair>()];
}
