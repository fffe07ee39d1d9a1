using System.Runtime.CompilerServices;

namespace SmtpProxy.Telemetry.Records;

/// <summary>What one record holds of <see cref="RecordMemory"/>. It is charged when a list or an arena grows, and what a record keeps from
/// session to session stays charged. Not thread-safe: used by whoever has the record.</summary>
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
        if (IsCutShort || list.Count >= most)
        {
            return false;
        }

        if (list.Count < list.Capacity)
        {
            return true;
        }

        var capacity = Math.Min(most, Math.Max(Fewest, 2 * list.Capacity));
        if (!TryTake((long)(capacity - list.Capacity) * Unsafe.SizeOf<T>()))
        {
            return false;
        }

        list.Capacity = capacity;
        return true;
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
