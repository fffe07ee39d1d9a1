using System.Diagnostics;
using System.Numerics;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// Wakes pairs at their deadlines: a hierarchical timing wheel (Varghese and Lauck) of four levels with 64 slots each, from 4 ms to
/// 18 hours. A pair is filed once, under its earliest deadline; moving a deadline back leaves it where it is, and it is filed
/// again only when it comes up too early. That makes renewing a timeout on every read a store into a field.
/// </summary>
internal sealed class TimerWheel
{
    private const int Levels = 4;
    private const int SlotBits = 6;
    private const int Slots = 1 << SlotBits;
    private const long Horizon = 1L << (SlotBits * Levels);

    private static readonly long s_grain = Stopwatch.Frequency / 250;

    private readonly EpollPair?[] _first = new EpollPair?[Levels * Slots];
    private readonly ulong[] _occupied = new ulong[Levels];
    private long _tick;

    internal TimerWheel(long now) => _tick = now / s_grain;

    /// <summary>When the wheel must be advanced next, in Stopwatch ticks; <see cref="PairTimers.Never"/> when it is empty.</summary>
    internal long NextDue => NextTick() is var tick && tick == long.MaxValue ? PairTimers.Never : tick * s_grain;

    /// <summary>Files a pair under a deadline. It must not be filed already.</summary>
    internal void File(EpollPair pair, long deadline)
    {
        // Rounded up, so that nothing comes up early.
        long tick = Math.Clamp(((deadline - 1) / s_grain) + 1, _tick + 1, _tick + Horizon - 1);
        long ahead = tick - _tick;
        int level = 0;
        while (ahead >= 1L << (SlotBits * (level + 1)))
        {
            level++;
        }

        int slot = (int)(tick >> (SlotBits * level)) & (Slots - 1);
        int place = (level * Slots) + slot;
        EpollPair? next = _first[place];
        pair.Filing.Place = place;
        pair.Filing.Deadline = deadline;
        pair.Filing.Previous = null;
        pair.Filing.Next = next;
        if (next is not null)
        {
            next.Filing.Previous = pair;
        }

        _first[place] = pair;
        _occupied[level] |= 1UL << slot;
    }

    /// <summary>Takes a pair out, if it is filed.</summary>
    internal void Remove(EpollPair pair)
    {
        int place = pair.Filing.Place;
        if (place < 0)
        {
            return;
        }

        EpollPair? previous = pair.Filing.Previous, next = pair.Filing.Next;
        if (next is not null)
        {
            next.Filing.Previous = previous;
        }

        if (previous is not null)
        {
            previous.Filing.Next = next;
        }
        else
        {
            _first[place] = next;
            if (next is null)
            {
                _occupied[place / Slots] &= ~(1UL << (place % Slots));
            }
        }

        pair.Filing = Filing.None;
    }

    /// <summary>Goes on to a time. Each pair that comes up is taken out and added to <paramref name="due"/>; it may be too early for it.</summary>
    internal void Advance(long now, List<EpollPair> due)
    {
        long target = now / s_grain;
        while (_tick < target)
        {
            long next = NextTick();
            if (next > target)
            {
                _tick = target;
                return;
            }

            _tick = next;
            for (int level = 0; level < Levels && (_tick & ((1L << (SlotBits * level)) - 1)) == 0; level++)
            {
                Empty(level, (int)(_tick >> (SlotBits * level)) & (Slots - 1), due);
            }
        }
    }

    private void Empty(int level, int slot, List<EpollPair> due)
    {
        int place = (level * Slots) + slot;
        EpollPair? pair = _first[place];
        _first[place] = null;
        _occupied[level] &= ~(1UL << slot);
        while (pair is not null)
        {
            EpollPair? next = pair.Filing.Next;
            pair.Filing = Filing.None;
            due.Add(pair);
            pair = next;
        }
    }

    private long NextTick()
    {
        long earliest = long.MaxValue;
        for (int level = 0; level < Levels; level++)
        {
            if (_occupied[level] != 0)
            {
                long current = _tick >> (SlotBits * level);
                ulong ahead = BitOperations.RotateRight(_occupied[level], (int)((current + 1) & (Slots - 1)));
                long tick = (current + 1 + BitOperations.TrailingZeroCount(ahead)) << (SlotBits * level);
                earliest = Math.Min(earliest, tick);
            }
        }

        return earliest;
    }

    /// <summary>Where a pair is filed.</summary>
    internal struct Filing
    {
        internal static readonly Filing None = new() { Place = -1, Deadline = PairTimers.Never };

        internal int Place;
        internal long Deadline;
        internal EpollPair? Previous;
        internal EpollPair? Next;
    }
}
