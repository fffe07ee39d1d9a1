using System.Runtime.InteropServices;

namespace SmtpProxy.Transport.Epoll;

/// <summary>Where a loop reads to, for all of its pairs: what was read is handed on before the next read.</summary>
internal sealed unsafe class ReadBuffer(int length) : IDisposable
{
    internal byte* Pointer { get; private set; } = (byte*)NativeMemory.AlignedAlloc((nuint)length, 4096);

    internal int Length { get; } = length;

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
