using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SmtpProxy.Transport.Native;

/// <summary>Room for the events that <c>epoll_wait</c> returns. <c>struct epoll_event</c> is packed on x64 only,
/// hence the computed layout.</summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    private static readonly bool s_packed = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int s_size = s_packed ? 12 : 16;
    private static readonly int s_dataOffset = s_packed ? 4 : 8;

    private byte* _events;

    internal EpollEvents(int capacity)
    {
        Capacity = capacity;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * s_size));
    }

    internal int Capacity { get; }

    internal byte* Pointer => _events;

    /// <summary>The event bits and the data of one entry.</summary>
    internal uint Read(int index, out ulong data)
    {
        byte* entry = _events + (index * s_size);
        data = Unsafe.ReadUnaligned<ulong>(entry + s_dataOffset);
        return Unsafe.ReadUnaligned<uint>(entry);
    }

    /// <summary>Adds a descriptor to an epoll set. Returns 0, or an <see cref="Errno"/>.</summary>
    internal static int Add(int epoll, int descriptor, uint events, ulong data)
    {
        byte* entry = stackalloc byte[16];
        Unsafe.WriteUnaligned(entry, events);
        Unsafe.WriteUnaligned(entry + s_dataOffset, data);
        return Libc.EpollControl(epoll, Native.Epoll.Add, descriptor, entry) == 0 ? 0 : Errno.Last;
    }

    /// <summary>Takes a descriptor that stays open out of an epoll set.</summary>
    internal static void Delete(int epoll, int descriptor)
    {
        byte* entry = stackalloc byte[16];
        _ = Libc.EpollControl(epoll, Native.Epoll.Delete, descriptor, entry);
    }

    public void Dispose()
    {
        NativeMemory.Free(_events);
        _events = null;
    }
}
