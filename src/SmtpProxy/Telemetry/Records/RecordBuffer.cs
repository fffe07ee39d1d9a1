using System.Runtime.CompilerServices;
using SmtpProxy.Protocol.Memory;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Items in one piece, in the order in which they came. A few are in an array. Many are in memory that is not the collector's:
/// arrays of that size make it collect all generations, which stops every session, and a client that pipelines a thousand commands, or
/// names a thousand recipients, could have that at will. Used by whoever has the record; <see cref="Read"/> is for others.</summary>
/// <typeparam name="T">Without references: nobody but the collector finds those.</typeparam>
internal sealed class RecordBuffer<T>
    where T : unmanaged
{
    /// <summary>Octets of an array at most. The collector calls 85,000 large.</summary>
    private const int MostInArray = 32 * 1024;

    private T[] _few = [];
    private NativeItems<T>? _many;

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many there is memory for.</summary>
    public int Capacity { get; private set; }

    /// <summary>All of them, to be read or changed in place; valid until the next call.</summary>
    public Span<T> Items => All[..Count];

    private Span<T> All => _many is null ? _few : _many.Items;

    /// <summary>Adds an item; there must be memory for it.</summary>
    public void Add(in T item)
    {
        All[Count] = item;
        Count++;
    }

    /// <summary>Adds items; there must be memory for them.</summary>
    public void Add(ReadOnlySpan<T> items)
    {
        items.CopyTo(All[Count..]);
        Count += items.Length;
    }

    /// <summary>Forgets the first items.</summary>
    public void RemoveFirst(int count)
    {
        Items[count..].CopyTo(All);
        Count -= count;
    }

    /// <summary>Forgets the last item.</summary>
    public void RemoveLast() => Count--;

    /// <summary>Makes it as long as that, which is no less than it was.</summary>
    /// <param name="capacity">Items.</param>
    public void Grow(int capacity)
    {
        if (_many is null && (long)capacity * Unsafe.SizeOf<T>() <= MostInArray)
        {
            Array.Resize(ref _few, capacity);
        }
        else
        {
            var many = new NativeItems<T>(capacity);
            Items.CopyTo(many.Items);
            _many?.Dispose();
            (_few, _many) = ([], many);
        }

        Capacity = capacity;
    }

    /// <summary>Reads all items on any thread, while their owner changes them perhaps: what is read then is wrong, or an exception, but
    /// never another's memory.</summary>
    /// <param name="arg">What is handed on.</param>
    /// <param name="read">Reads them; they are valid until it returns.</param>
    /// <exception cref="InvalidOperationException">The memory was given back meanwhile.</exception>
    public TResult Read<TArg, TResult>(TArg arg, Func<ReadOnlySpan<T>, TArg, TResult> read)
    {
        var (few, many, count) = (_few, _many, Count);
        if (many is null)
        {
            return read(few.AsSpan(0, count), arg);
        }

        var isHeld = false;
        try
        {
            many.DangerousAddRef(ref isHeld);
            return read(many.Items[..count], arg);
        }
        finally
        {
            if (isHeld)
            {
                many.DangerousRelease();
            }
        }
    }

    /// <summary>Forgets all items, and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Forgets all items, and gives the memory back.</summary>
    public void Release()
    {
        _many?.Dispose();
        (_few, _many, Count, Capacity) = ([], null, 0, 0);
    }
}
