using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

/// <summary>What is sent to a leg: straight to the kernel; what it does not take waits in a pipe that a loop empties.</summary>
internal sealed class Outbound(Socket socket, Action progressed, bool isBroken = false)
{
    // No threshold: a sender must not block, and the pair stops reading when too much is unsent.
    private static readonly PipeOptions _options = new(
        pauseWriterThreshold: 0,
        readerScheduler: PipeScheduler.ThreadPool,
        useSynchronizationContext: false);

    private Pipe? _pipe;
    private int _unsent;
    private int _counted;
    private int _users;
    private bool _shutAsked;

    /// <summary>Octets that the kernel has not taken; 0 when the connection is gone.</summary>
    public int Unsent => IsBroken ? 0 : Volatile.Read(ref _unsent);

    /// <summary>So much is unsent to the peer that it is not read: what it sends draws replies.</summary>
    public bool IsFull => Unsent is > 0 and var unsent && unsent > QueueMemory.Bound;

    /// <summary>Octets had to wait since this was last set to false.</summary>
    public bool DrainedIsDue { get; set; }

    /// <summary>FIN is with the kernel, after everything.</summary>
    public bool IsShut { get; private set; }

    /// <summary>The kernel has refused octets: the connection is gone.</summary>
    public bool IsBroken { get; private set; } = isBroken;

    public void Send(ReadOnlySpan<byte> octets)
    {
        if (_shutAsked || IsBroken)
        {
            return;
        }

        var taken = Volatile.Read(ref _unsent) == 0 ? SendNow(octets) : 0;
        if (IsBroken || taken == octets.Length)
        {
            return;
        }

        DrainedIsDue = true;
        Interlocked.Add(ref _unsent, octets.Length - taken);
        Count(octets.Length - taken);
        if (_pipe is null)
        {
            _pipe = new Pipe(_options);
            _users = 2;
            _ = EmptyAsync(_pipe.Reader);
        }

        _pipe.Writer.Write(octets[taken..]);
        _ = _pipe.Writer.FlushAsync().AsTask();
    }

    /// <summary>FIN after all that was sent.</summary>
    public void Shut()
    {
        _shutAsked = true;
        ShutIfDue();
    }

    /// <summary>Sends the FIN that was asked for once nothing is before it any more.</summary>
    public void ShutIfDue()
    {
        if (!_shutAsked || IsShut || IsBroken || Volatile.Read(ref _unsent) > 0)
        {
            return;
        }

        try
        {
            socket.Shutdown(SocketShutdown.Send);
            IsShut = true;
        }
        catch (SocketException)
        {
            Break();
        }
    }

    /// <summary>Asks the kernel whether the connection still stands: nobody reads from it any more, and
    /// nobody may write for long.</summary>
    public void Probe()
    {
        if (!_shutAsked && !IsBroken && Volatile.Read(ref _unsent) == 0)
        {
            SendNow([]);
        }
    }

    /// <summary>Nothing is sent any more.</summary>
    public void Release()
    {
        if (_pipe is { } pipe)
        {
            pipe.Writer.Complete();
            LetGo();
        }
    }

    private int SendNow(ReadOnlySpan<byte> octets)
    {
        var taken = socket.Send(octets, SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            Break();
        }

        return error == SocketError.Success ? taken : 0;
    }

    private void Break()
    {
        IsBroken = true;
        progressed();
    }

    private void Count(int octets)
    {
        Interlocked.Add(ref _counted, octets);
        QueueMemory.Take(octets);
    }

    /// <summary>Who fills the pipe, or who empties it, has done so for the last time: with the second what is left is forgotten.</summary>
    private void LetGo()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Count(-_counted);
        }
    }

    private async Task EmptyAsync(PipeReader reader)
    {
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync().ConfigureAwait(false);
                if (read.Buffer.IsEmpty && read.IsCompleted)
                {
                    break;
                }

                var sent = await socket.SendAsync(read.Buffer.First, SocketFlags.None).ConfigureAwait(false);
                reader.AdvanceTo(read.Buffer.GetPosition(sent));
                Count(-sent);
                if (Interlocked.Add(ref _unsent, -sent) == 0)
                {
                    progressed();
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Break();
        }

        await reader.CompleteAsync().ConfigureAwait(false);
        LetGo();
    }
}
