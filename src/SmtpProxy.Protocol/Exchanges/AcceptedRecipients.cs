namespace SmtpProxy.Protocol.Exchanges;

/// <summary>Which RCPTs of a transaction were accepted, in their order, where each gets a reply of its own (RFC 2033 4.2; PRDR). A client
/// decides how many they are: a list that is long is counted as long queues are, and what is beyond the bounds is not listed. Those
/// recipients have their replies all the same; only whose each is remains unsaid.</summary>
internal struct AcceptedRecipients(ExchangeMemory memory)
{
    /// <summary>So many of a transaction are listed.</summary>
    public const int Most = 10_000;

    /// <summary>So many are few: they are not counted, and what they need is kept.</summary>
    private const int Few = 64;

    private int[]? _indices;
    private ExchangeMemory.Lease? _lease;
    private int _count;
    private bool _isCut;

    /// <summary>The <see cref="Exchange.Index"/> of the n-th; -1 where it is not listed.</summary>
    public readonly int this[int n] => n < _count ? _indices![n] : -1;

    /// <summary>One more was accepted.</summary>
    public void Add(int index)
    {
        if (_isCut || (_count == (_indices?.Length ?? 0) && !TryGrow()))
        {
            _isCut = true;
            return;
        }

        _indices![_count++] = index;
    }

    /// <summary>Forgets all, and gives back what a long list needed.</summary>
    public void Clear()
    {
        if (_lease is not null)
        {
            _lease.Dispose();
            (_lease, _indices) = (null, null);
        }

        (_count, _isCut) = (0, false);
    }

    private bool TryGrow()
    {
        var size = Math.Min(Most, _count == 0 ? 4 : 2 * _count);
        if (size == _count)
        {
            memory.Refuse();
            return false;
        }

        if (size > Few && !memory.Allows((size - (_lease is null ? 0 : _count)) * (long)sizeof(int)))
        {
            return false;
        }

        Array.Resize(ref _indices, size);
        _lease?.Dispose();
        _lease = size > Few ? memory.Take(size * (long)sizeof(int)) : null;
        return true;
    }
}
