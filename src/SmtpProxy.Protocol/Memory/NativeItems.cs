using System.Runtime.InteropServices;

namespace SmtpProxy.Protocol.Memory;

/// <summary>Room for items in memory that is not the collector's: arrays of that size make it collect all generations, which stops every
/// session, and whoever sends a thousand commands at once could have that at will. Freed when its owner has disposed of it and
/// nobody holds it (<see cref="SafeHandle.DangerousAddRef"/>); by its finalizer where it was forgotten.</summary>
/// <typeparam name="T">Without references: nobody but the collector finds those.</typeparam>
public sealed unsafe class NativeItems<T> : SafeHandle
    where T : unmanaged
{
    /// <summary>Takes the memory; it holds anything.</summary>
    /// <param name="length">Items.</param>
    public NativeItems(int length)
        : base(0, ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)NativeMemory.Alloc((nuint)length, (nuint)sizeof(T)));
    }

    /// <summary>How many it has room for.</summary>
    public int Length { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>All of it, until it is disposed of.</summary>
    public Span<T> Items => new((void*)handle, Length);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
