using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// The only way into a loop from other threads. The first message into an empty box rings an eventfd; the loop then takes all. The eventfd
/// is edge-triggered and never read: each ring is an edge, and its counter lasts for 2^64 of them.
/// </summary>
internal sealed unsafe class Mailbox : IDisposable
{
    private readonly Lock _gate = new();
    private List<LoopMessage> _messages = [];
    private List<LoopMessage> _taken = [];
    private int _bell;

    internal Mailbox()
    {
        _bell = Libc.EventFd(0, SocketConstants.CloseOnExec | SocketConstants.NonBlocking);
        if (_bell < 0)
        {
            throw new TransportException($"No eventfd: {Errno.Describe(Errno.Last)}");
        }
    }

    /// <summary>The eventfd, for the loop's epoll set.</summary>
    internal int Bell => _bell;

    /// <summary>Leaves a message; from any thread.</summary>
    /// <returns>False when the loop has ended.</returns>
    internal bool Post(in LoopMessage message)
    {
        lock (_gate)
        {
            if (_bell < 0)
            {
                return false;
            }

            _messages.Add(message);
            if (_messages.Count == 1)
            {
                ulong one = 1;
                _ = Libc.Write(_bell, (byte*)&one, sizeof(ulong));
            }

            return true;
        }
    }

    /// <summary>Takes what is there; valid until the next call.</summary>
    internal List<LoopMessage> Take()
    {
        lock (_gate)
        {
            _taken.Clear();
            (_messages, _taken) = (_taken, _messages);
            return _taken;
        }
    }

    /// <summary>Refuses messages from now on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_bell >= 0)
            {
                _ = Libc.Close(_bell);
                _bell = -1;
            }
        }
    }
}
