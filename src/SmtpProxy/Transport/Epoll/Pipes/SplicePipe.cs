using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll.Pipes;

/// <summary>A kernel pipe through which octets go from one socket to another without being copied. Belongs to a leg while octets wait in
/// it, otherwise to the <see cref="PipePool"/>.</summary>
internal sealed unsafe class SplicePipe(int readEnd, int writeEnd, ConnectionBudget budget) : IDisposable
{
    private const uint Flags = PipeConstants.SpliceMove | PipeConstants.SpliceNonBlocking;

    private int _readEnd = readEnd;
    private int _writeEnd = writeEnd;

    /// <summary>Octets in the pipe.</summary>
    internal int Count { get; private set; }

    /// <summary>Takes octets from a socket.</summary>
    /// <returns>How many; 0 at the end of the stream; below 0 an <see cref="Errno"/> with its sign changed.</returns>
    internal int Fill(int socket, int octets)
    {
        while (true)
        {
            nint moved = Libc.Splice(socket, null, _writeEnd, null, (nuint)octets, Flags);
            if (moved >= 0)
            {
                Count += (int)moved;
                return (int)moved;
            }

            int errno = Errno.Last;
            if (errno != Errno.Interrupted)
            {
                return -errno;
            }
        }
    }

    /// <summary>Hands octets to a socket until it takes no more or none is left.</summary>
    /// <returns>False when the connection is broken.</returns>
    internal bool Drain(int socket)
    {
        while (Count > 0)
        {
            nint moved = Libc.Splice(_readEnd, null, socket, null, (nuint)Count, Flags);
            if (moved > 0)
            {
                Count -= (int)moved;
                continue;
            }

            int errno = moved == 0 ? Errno.BrokenPipe : Errno.Last;
            if (errno != Errno.Interrupted)
            {
                return errno == Errno.WouldBlock;
            }
        }

        return true;
    }

    /// <summary>Closes both ends; octets inside are lost.</summary>
    public void Dispose()
    {
        if (_readEnd >= 0)
        {
            _ = Libc.Close(_readEnd);
            _ = Libc.Close(_writeEnd);
            _readEnd = _writeEnd = -1;
            budget.GivePipe();
        }
    }
}
