using System.Runtime.CompilerServices;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Exchanges;

/// <summary>The exchanges whose replies are outstanding, oldest first (RFC 2920 3.2; PROTOCOL 4.1).</summary>
/// <param name="memory">What long queues take.</param>
internal struct ExchangeQueue(ExchangeMemory memory)
{
    private const int Smallest = SmallRings.Length;

    /// <summary>A queue of so many is short: it is not counted, and what it needs is kept.</summary>
    private const int Short = 64;

    private Exchange[]? _ring;
    private ExchangeMemory.Lease? _lease;
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

    /// <summary>Whether a MAIL among them asks for SMTPUTF8.</summary>
    public readonly bool AsksForUtf8
    {
        get
        {
            var asks = false;
            for (var n = 0; n < Count && !asks; n++)
            {
                asks = At(n).UsesUtf8;
            }

            return asks;
        }
    }

    /// <summary>Whether there is memory for one more.</summary>
    public readonly bool HasRoom =>
        _ring is null || Count < _ring.Length || _ring.Length < Short
        || memory.Allows(SizeOf(_ring.Length * 2) - (_lease is null ? 0 : SizeOf(_ring.Length)));

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
        if (Count == 0 && _lease is not null)
        {
            GiveBack();
        }
    }

    /// <summary>Forgets all, and gives back what a long queue needed.</summary>
    public void Clear()
    {
        GiveBack();
        _first = 0;
        Count = 0;
        GroupEnds = 0;
    }

    /// <summary>Nothing of it is looked at any more for now: where nothing is outstanding, most sessions wait for their client, and
    /// need no memory for that.</summary>
    public void Rest()
    {
        if (Count == 0 && _ring is { Length: Smallest } small)
        {
            SmallRings.GiveBack(small);
            (_ring, _first) = (null, 0);
        }
    }

    private void Grow()
    {
        var larger = _ring is null ? SmallRings.Take() : new Exchange[_ring.Length * 2];
        for (var n = 0; n < Count; n++)
        {
            larger[n] = _ring![(_first + n) & (_ring.Length - 1)];
        }

        if (_ring is { Length: Smallest } small)
        {
            SmallRings.GiveBack(small);
        }

        _ring = larger;
        _first = 0;
        _lease?.Dispose();
        _lease = larger.Length > Short ? memory.Take(SizeOf(larger.Length)) : null;
    }

    private void GiveBack()
    {
        if (_lease is not null)
        {
            _lease.Dispose();
            (_lease, _ring, _first) = (null, null, 0);
        }
    }

    private static long SizeOf(int exchanges) => (long)exchanges * Unsafe.SizeOf<Exchange>();
}
