using System.Runtime.CompilerServices;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Memory;

namespace SmtpProxy.Protocol.Exchanges;

/// <summary>The exchanges whose replies are outstanding, oldest first (RFC 2920 3.2; PROTOCOL 4.1).</summary>
/// <param name="memory">What long queues take.</param>
internal struct ExchangeQueue(ExchangeMemory memory)
{
    private const int Smallest = SmallRings.Length;

    /// <summary>A queue of so many is short: an array, which is not counted, and is kept.</summary>
    private const int Short = 64;

    private Exchange[]? _ring;

    /// <summary>A queue that is long.</summary>
    private NativeItems<Exchange>? _long;
    private ExchangeMemory.Lease? _lease;
    private int _first;

    /// <summary>How many are outstanding.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them must end their group (RFC 2920 3.1).</summary>
    public int GroupEnds { get; private set; }

    /// <summary>The oldest, until it is removed or another one is appended. Only while there is one.</summary>
    public readonly ref Exchange Oldest => ref Slot(0);

    /// <summary>The youngest, for as long. Only while there is one.</summary>
    public readonly ref Exchange Youngest => ref Slot(Count - 1);

    /// <summary>The n-th oldest, for as long.</summary>
    public readonly ref readonly Exchange At(int n) => ref Slot(n);

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
        Count < Length || Length < Short || memory.Allows(SizeOf(Length * 2) - (_lease is null ? 0 : SizeOf(Length)));

    /// <summary>How many there is memory for: 0, or a power of two.</summary>
    private readonly int Length => _long?.Length ?? _ring?.Length ?? 0;

    /// <summary>Appends one; what it returns is valid for as long as <see cref="Youngest"/>.</summary>
    public ref Exchange Append(in Exchange exchange)
    {
        if (Count == Length)
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
        _first = (_first + 1) & (Length - 1);
        Count--;
        if (Count == 0 && _long is not null)
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

    private readonly ref Exchange Slot(int n)
    {
        if (_long is null)
        {
            return ref _ring![(_first + n) & (_ring.Length - 1)];
        }

        return ref _long.Items[(_first + n) & (_long.Length - 1)];
    }

    private void Grow()
    {
        var length = Length * 2;
        if (length > Short)
        {
            var larger = new NativeItems<Exchange>(length);
            CopyTo(larger.Items);
            GiveBack();
            (_long, _lease) = (larger, memory.Take(SizeOf(length)));
        }
        else
        {
            var larger = _ring is null ? SmallRings.Take() : new Exchange[length];
            CopyTo(larger);
            if (_ring is { Length: Smallest } small)
            {
                SmallRings.GiveBack(small);
            }

            _ring = larger;
        }

        _first = 0;
    }

    private readonly void CopyTo(Span<Exchange> larger)
    {
        for (var n = 0; n < Count; n++)
        {
            larger[n] = Slot(n);
        }
    }

    private void GiveBack()
    {
        if (_long is not null)
        {
            _long.Dispose();
            _lease?.Dispose();
            (_lease, _long, _ring, _first) = (null, null, null, 0);
        }
    }

    private static long SizeOf(int exchanges) => (long)exchanges * Unsafe.SizeOf<Exchange>();
}
