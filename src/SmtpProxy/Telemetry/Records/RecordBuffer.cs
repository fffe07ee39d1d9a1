using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Items in one piece, in the order in which they came. A few are in an array. Many are in memory that is not the collector's:
/// arrays of that size make it collect all generations, which stops every session, and a client that pipelines a thousand commands, or
/// names a thousand recipients, could have that at will. Not thread-safe: used by whoever has the record.</summary>
/// <typeparam name="T">Without references: nobody but the collector finds those.</typeparam>
internal sealed class RecordBuffer<T>
    where T : unmanaged
{
    /// <summary>Octets of an array at most. The collector calls 85,000 large.</summary>
    private const int MostInArray = 32 * 1024;

    private T[] _few = [];
    private Many? _many;

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
            var many = _many ?? new Many();
            many.Resize(capacity);
            if (_many is null)
            {
                Items.CopyTo(many.Items);
                (_few, _many) = ([], many);
            }
        }

        Capacity = capacity;
    }

    /// <summary>Forgets all items, and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Forgets all items, and gives the memory back.</summary>
    public void Release()
    {
        _many?.Dispose();
        (_few, _many, Count, Capacity) = ([], null, 0, 0);
    }

    /// <summary>Its finalizer is for records that nobody gives back; there is one only where there are many items.</summary>
    private sealed unsafe class Many : IDisposable
    {
        private T* _first;
        private int _length;

        ~Many() => Free();

        internal Span<T> Items => new(_first, _length);

        internal void Resize(int length)
        {
            // Most of it need not be moved: the kernel gives large pieces another address.
            _first = (T*)NativeMemory.Realloc(_first, (nuint)length * (nuint)sizeof(T));
            _length = length;
        }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            NativeMemory.Free(_first);
            _first = null;
            _length = 0;
        }
    }
}
