using System.Runtime.CompilerServices;

namespace SmtpProxy.Telemetry.Records;

/// <summary>What one record holds of <see cref="RecordMemory"/>. It is charged when a list, a buffer or an arena grows, and what a record
/// keeps from session to session stays charged. Not thread-safe: used by whoever has the record.</summary>
internal sealed class RecordShare(RecordMemory memory)
{
    private const int Fewest = 4;
    private bool _isCounted;

    /// <summary>Octets that the record holds.</summary>
    public long Held { get; private set; }

    /// <summary>Whether there was no memory for something. Nothing is added from then on, so that what is there is the
    /// beginning, without gaps.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>Makes the record that of another session.</summary>
    public void Begin() => _isCounted = IsCutShort = false;

    /// <summary>The record was emptied; the session goes on.</summary>
    public void Resume() => IsCutShort = false;

    /// <summary>Whether a list can take one more item; makes it longer where it must be.</summary>
    /// <param name="list">The list.</param>
    /// <param name="most">Items that it may hold.</param>
    public bool HasRoom<T>(List<T> list, int most)
    {
        var capacity = RoomFor<T>(list.Count, list.Capacity, most);
        if (capacity > list.Capacity)
        {
            list.Capacity = capacity;
        }

        return capacity > list.Count;
    }

    /// <summary>Whether a buffer can take one more item; makes it longer where it must be.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="most">Items that it may hold.</param>
    public bool HasRoom<T>(RecordBuffer<T> buffer, int most)
        where T : unmanaged
    {
        var capacity = RoomFor<T>(buffer.Count, buffer.Capacity, most);
        if (capacity > buffer.Capacity)
        {
            buffer.Grow(capacity);
        }

        return capacity > buffer.Count;
    }

    /// <summary>How many items something has to have memory for to take one more, which is charged here; 0: it cannot.</summary>
    private int RoomFor<T>(int count, int capacity, int most)
    {
        if (IsCutShort || count >= most)
        {
            return 0;
        }

        if (count < capacity)
        {
            return capacity;
        }

        var more = Math.Min(most, Math.Max(Fewest, 2 * capacity));
        return TryTake((long)(more - capacity) * Unsafe.SizeOf<T>()) ? more : 0;
    }

    /// <summary>Takes octets. Returns false when there are none: the record is cut short.</summary>
    public bool TryTake(long octets)
    {
        if (!IsCutShort && memory.TryTake(octets))
        {
            Held += octets;
            return true;
        }

        IsCutShort = true;
        if (!_isCounted)
        {
            _isCounted = true;
            memory.Met?.Invoke();
        }

        return false;
    }

    /// <summary>Takes octets whatever the limit says; they must be few.</summary>
    public void Take(long octets)
    {
        memory.Take(octets);
        Held += octets;
    }

    /// <summary>Gives octets back.</summary>
    public void Give(long octets)
    {
        memory.Give(octets);
        Held -= octets;
    }

    /// <summary>Nobody needs the record any more.</summary>
    public void GiveAll() => Give(Held);
}
