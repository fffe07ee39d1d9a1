namespace SmtpProxy.Protocol;

/// <summary>The exchanges whose replies are outstanding, oldest first (RFC 2920 3.2; PROTOCOL 4.1).</summary>
internal struct ExchangeQueue
{
    private const int Smallest = 4;
    private const int Largest = 256;
    private Exchange[]? _ring;
    private int _first;

    /// <summary>How many are outstanding.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them must end their group (RFC 2920 3.1).</summary>
    public int GroupEnds { get; private set; }

    /// <summary>The oldest. Only while there is one.</summary>
    public readonly ref Exchange Oldest => ref _ring![_first];

    /// <summary>The youngest. Only while there is one.</summary>
    public readonly ref Exchange Youngest => ref _ring![(_first + Count - 1) & (_ring.Length - 1)];

    /// <summary>The n-th oldest.</summary>
    public readonly ref readonly Exchange At(int n) => ref _ring![(_first + n) & (_ring.Length - 1)];

    /// <summary>Appends one.</summary>
    public ref Exchange Append(in Exchange exchange)
    {
        if (_ring is null || Count == _ring.Length)
        {
            Grow();
        }

        Count++;
        GroupEnds += Verbs.EndsGroup(exchange.Verb) ? 1 : 0;
        ref var slot = ref Youngest;
        slot = exchange;
        return ref slot;
    }

    /// <summary>Removes the oldest.</summary>
    public void RemoveOldest()
    {
        GroupEnds -= Verbs.EndsGroup(Oldest.Verb) ? 1 : 0;
        _first = (_first + 1) & (_ring!.Length - 1);
        Count--;
    }

    /// <summary>Forgets all, and gives back what one big group needed.</summary>
    public void Clear()
    {
        _ring = _ring?.Length > Largest ? null : _ring;
        _first = 0;
        Count = 0;
        GroupEnds = 0;
    }

    private void Grow()
    {
        var larger = new Exchange[_ring is null ? Smallest : _ring.Length * 2];
        for (var n = 0; n < Count; n++)
        {
            larger[n] = _ring![(_first + n) & (_ring.Length - 1)];
        }

        _ring = larger;
        _first = 0;
    }
}
