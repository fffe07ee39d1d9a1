using System.Diagnostics;
using System.Numerics;

namespace SmtpProxy.Transport.Epoll.Timers;

/// <summary>
/// Wakes entries at their deadlines: a hierarchical timing wheel (Varghese and Lauck) of four levels with 64 slots each, from 4 ms to
/// 18 hours. An entry is filed once, under its earliest deadline; moving a deadline back leaves it where it is, and it is filed
/// again only when it comes up too early. That makes renewing a timeout on every read a store into a field.
/// </summary>
internal sealed class TimerWheel
{
    /// <summary>The deadline of what has none.</summary>
    internal const long Never = long.MaxValue;

    private const int Levels = 4;
    private const int SlotBits = 6;
    private const int Slots = 1 << SlotBits;
    private const long Horizon = 1L << (SlotBits * Levels);

    private static readonly long s_grain = Stopwatch.Frequency / 250;

    private readonly WheelEntry?[] _first = new WheelEntry?[Levels * Slots];
    private readonly ulong[] _occupied = new ulong[Levels];
    private long _tick;

    internal TimerWheel(long now) => _tick = now / s_grain;

    /// <summary>When the wheel must be advanced next, in Stopwatch ticks; <see cref="Never"/> when it is empty.</summary>
    internal long NextDue => NextTick() is var tick && tick == Never ? Never : tick * s_grain;

    /// <summary>Files an entry under a deadline. It must not be filed already.</summary>
    internal void File(WheelEntry entry, long deadline)
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
        WheelEntry? next = _first[place];
        entry.Place = place;
        entry.Deadline = deadline;
        entry.Previous = null;
        entry.Next = next;
        if (next is not null)
        {
            next.Previous = entry;
        }

        _first[place] = entry;
        _occupied[level] |= 1UL << slot;
    }

    /// <summary>Takes an entry out, if it is filed.</summary>
    internal void Remove(WheelEntry entry)
    {
        int place = entry.Place;
        if (place < 0)
        {
            return;
        }

        WheelEntry? previous = entry.Previous, next = entry.Next;
        if (next is not null)
        {
            next.Previous = previous;
        }

        if (previous is not null)
        {
            previous.Next = next;
        }
        else
        {
            _first[place] = next;
            if (next is null)
            {
                _occupied[place / Slots] &= ~(1UL << (place % Slots));
            }
        }

        entry.Forget();
    }

    /// <summary>Goes on to a time. Each entry that comes up is taken out and added to <paramref name="due"/>; it
    /// may be too early for it.</summary>
    internal void Advance(long now, List<WheelEntry> due)
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

    private void Empty(int level, int slot, List<WheelEntry> due)
    {
        int place = (level * Slots) + slot;
        WheelEntry? entry = _first[place];
        _first[place] = null;
        _occupied[level] &= ~(1UL << slot);
        while (entry is not null)
        {
            WheelEntry? next = entry.Next;
            entry.Forget();
            due.Add(entry);
            entry = next;
        }
    }

    private long NextTick()
    {
        long earliest = Never;
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
}
