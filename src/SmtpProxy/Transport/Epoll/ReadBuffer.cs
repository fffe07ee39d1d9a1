using System.Runtime.InteropServices;

namespace SmtpProxy.Transport.Epoll;

/// <summary>The memory that a loop reads into, for all of its pairs: what was read is handed on before the next read.</summary>
internal sealed unsafe class ReadBuffer(int length) : IDisposable
{
    /// <summary>The first octet.</summary>
    internal byte* Pointer { get; private set; } = (byte*)NativeMemory.AlignedAlloc((nuint)length, 4096);

    /// <summary>Octets.</summary>
    internal int Length { get; } = length;

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
