using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll.Pipes;

/// <summary>Empty pipes of a loop. Making one costs four system calls and 256 KiB of accounting, hence the pool.</summary>
internal sealed unsafe class PipePool(ConnectionBudget budget) : IDisposable
{
    /// <summary>Octets that a pipe may hold.</summary>
    internal const int Capacity = 256 * 1024;

    private const int Kept = 64;

    private readonly Stack<SplicePipe> _pipes = new();

    /// <summary>An empty pipe, or null when none can be spared.</summary>
    internal SplicePipe? Rent()
    {
        if (_pipes.TryPop(out SplicePipe? pipe))
        {
            return pipe;
        }

        if (!budget.TryTakePipe())
        {
            return null;
        }

        int* ends = stackalloc int[2];
        if (Libc.Pipe(ends, PipeConstants.NonBlocking | PipeConstants.CloseOnExec) < 0)
        {
            budget.GivePipe();
            return null;
        }

        // Refused beyond the user's allowance for pipes; the default size works as well, only slower.
        _ = Libc.Control(ends[1], PipeConstants.SetSize, Capacity);
        return new SplicePipe(ends[0], ends[1], budget);
    }

    /// <summary>Takes back a pipe; one that is not empty is closed.</summary>
    internal void Return(SplicePipe pipe)
    {
        if (pipe.Count == 0 && _pipes.Count < Kept)
        {
            _pipes.Push(pipe);
        }
        else
        {
            pipe.Dispose();
        }
    }

    public void Dispose()
    {
        while (_pipes.TryPop(out SplicePipe? pipe))
        {
            pipe.Dispose();
        }
    }
}
