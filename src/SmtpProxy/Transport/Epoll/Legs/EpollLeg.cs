using SmtpProxy.Transport.Epoll.Pipes;
using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll.Legs;

/// <summary>
/// One connection of a pair and the only owner of its descriptor: what is unsent, and how it is sent, ended and closed. Knows
/// neither the session nor the loop.
/// </summary>
internal unsafe struct EpollLeg
{
    /// <summary>The descriptor, or -1.</summary>
    internal int Socket;

    /// <summary>Tells the events of this connection from those of an earlier one at the same place; 0 when there is none.</summary>
    internal uint Generation;

    /// <summary>What is known about the connection.</summary>
    internal LegState State;

    /// <summary>Octets that are still to be passed without being shown.</summary>
    internal long SpliceLeft;

    /// <summary>Holds octets on their way to this leg, which go before the backlog.</summary>
    internal SplicePipe? Pipe;

    /// <summary>How much of it the session is shown at once.</summary>
    internal Portion Portion = new();

    private Backlog _backlog;
    private byte[]? _putBack;

    public EpollLeg() => Socket = -1;

    internal readonly bool IsOpen => Socket >= 0;

    /// <summary>Whether octets can be sent and received.</summary>
    internal readonly bool IsConnected => Socket >= 0 && (State & LegState.Connecting) == 0;

    /// <summary>Whether what is sent can still reach the peer.</summary>
    internal readonly bool TakesOctets =>
        Socket >= 0 && (State & (LegState.Connecting | LegState.ShutAsked | LegState.WriteFailed)) == 0;

    internal readonly int Unsent => _backlog.Length + (Pipe?.Count ?? 0);

    /// <summary>So much is unsent to its peer that it is not read: what it sends draws replies.</summary>
    internal readonly bool IsFull => _backlog.Length is > 0 and var length && length > QueueMemory.Bound;

    /// <summary>Octets that were read come again.</summary>
    internal readonly bool HasPutBack => _putBack is not null;

    internal readonly bool Has(LegState state) => (State & state) != 0;

    internal void Attach(int socket, uint generation, LegState state)
    {
        Socket = socket;
        Generation = generation;
        State = state;
        SpliceLeft = 0;
        Portion = new Portion();
    }

    /// <summary>Takes note of what epoll reported.</summary>
    internal void Note(uint events)
    {
        const uint Failure = Native.Epoll.Error | Native.Epoll.HangUp;
        LegState state = State;
        if ((events & Native.Epoll.In) != 0)
        {
            state |= (state & (LegState.Readable | LegState.Paused)) == 0 ? LegState.Readable | LegState.Fresh : LegState.Readable;
        }

        if ((events & Native.Epoll.Out) != 0)
        {
            state |= LegState.Writable;
        }

        if ((events & (Native.Epoll.ReadHangUp | Failure)) != 0)
        {
            state |= LegState.Readable | LegState.HungUp;
        }

        if ((events & Failure) != 0)
        {
            state |= LegState.Broken | LegState.Suspect | LegState.Writable;
        }

        State = state;
    }

    /// <summary>Octets that were read come again, before what the kernel has.</summary>
    internal void PutBack(ReadOnlySpan<byte> octets)
    {
        if (!octets.IsEmpty && IsOpen)
        {
            _putBack = octets.ToArray();
            // No edge tells of them, and what they share a read with is not all that the kernel has.
            State |= LegState.Readable | LegState.HungUp;
        }
    }

    /// <summary>Sends after what is unsent, or straight to the kernel, and keeps what it does not take.</summary>
    internal void Send(ReadOnlySpan<byte> octets)
    {
        if (!TakesOctets || octets.IsEmpty)
        {
            return;
        }

        int sent = Unsent == 0 ? Write(octets) : 0;
        if (sent < 0)
        {
            FailWriting();
        }
        else if (sent < octets.Length)
        {
            _backlog.Append(octets[sent..]);
            State &= ~LegState.Writable;
        }
    }

    /// <summary>Sends what is unsent, as far as the kernel takes it, and then the FIN that waits for it.</summary>
    internal void Flush()
    {
        State &= ~LegState.Writable;
        if (Pipe is { Count: > 0 } pipe)
        {
            if (!pipe.Drain(Socket))
            {
                FailWriting();
                return;
            }

            if (pipe.Count > 0)
            {
                return;
            }
        }

        if (_backlog.Length > 0)
        {
            int sent = Write(_backlog.Octets);
            if (sent < 0)
            {
                FailWriting();
                return;
            }

            // Less than offered means that the kernel has no more room, and reports it when it has.
            _backlog.Consume(sent);
        }

        if (Unsent == 0 && Has(LegState.ShutAsked))
        {
            Finish();
        }
    }

    /// <summary>Reads what was put back, or what the kernel has, up to a length.</summary>
    /// <returns>How many octets; 0 at the end of the stream; below 0 an <see cref="Errno"/> with its sign changed.</returns>
    internal int Receive(byte* octets, int length)
    {
        if (_putBack is not null)
        {
            return TakePutBack(new Span<byte>(octets, length));
        }

        while (true)
        {
            nint count = Libc.Receive(Socket, octets, (nuint)length, 0);
            if (count >= 0)
            {
                return (int)count;
            }

            int errno = Errno.Last;
            if (errno != Errno.Interrupted)
            {
                return -errno;
            }
        }
    }

    /// <summary>Whether the connection is broken and no octet is left to read.</summary>
    internal readonly bool IsBroken()
    {
        if (_putBack is not null)
        {
            return false;
        }

        byte first;
        nint count = Libc.Receive(Socket, &first, 1, SocketConstants.Peek);
        return count <= 0 && (Has(LegState.WriteFailed) || (count < 0 && Errno.Last is not (Errno.WouldBlock or Errno.Interrupted)));
    }

    /// <summary>Whether the peer's kernel has what was sent; see <see cref="IPair.IsConfirmed"/>.</summary>
    internal readonly bool? IsConfirmed()
    {
        if (!IsConnected || Has(LegState.WriteFailed))
        {
            return !IsConnected;
        }

        byte* info = stackalloc byte[TcpInfo.Length];
        int length = TcpInfo.Length;
        return Unsent > 0 ? null
            : Libc.GetSocketOption(Socket, TcpInfo.Level, TcpInfo.Option, info, &length) != 0 ? true
            : TcpInfo.Read(new ReadOnlySpan<byte>(info, length));
    }

    /// <summary>Sends FIN, at once or after what is unsent.</summary>
    internal void Shut()
    {
        if (TakesOctets)
        {
            State |= LegState.ShutAsked;
            if (Unsent == 0)
            {
                Finish();
            }
        }
    }

    /// <summary>Sends RST, and closes.</summary>
    internal void Reset()
    {
        if (IsOpen)
        {
            MakeCloseReset(Socket);
            Close();
        }
    }

    /// <summary>From here on, closing a socket sends RST instead of FIN.</summary>
    internal static void MakeCloseReset(int socket)
    {
        int* lingerForNoTime = stackalloc int[] { 1, 0 };
        _ = Libc.SetSocketOption(socket, SocketConstants.LevelSocket, SocketConstants.Linger, lingerForNoTime, 2 * sizeof(int));
    }

    /// <summary>Closes the descriptor and forgets what is unsent.</summary>
    internal void Close()
    {
        if (IsOpen)
        {
            _ = Libc.Close(Socket);
            Socket = -1;
            Generation = 0;
            State = LegState.None;
            SpliceLeft = 0;
            _putBack = null;
            DropUnsent();
        }
    }

    private void Finish()
    {
        if (Has(LegState.Ended))
        {
            // Nothing is left to read, so that closing sends FIN by itself.
            Close();
        }
        else if (Libc.Shutdown(Socket, SocketConstants.ShutWrite) == 0)
        {
            State |= LegState.ShutDone;
        }
        else
        {
            // ENOTCONN: a reset overtook us, and what was sent may not have arrived.
            FailWriting();
        }
    }

    private int TakePutBack(Span<byte> octets)
    {
        ReadOnlySpan<byte> all = _putBack;
        int count = Math.Min(all.Length, octets.Length);
        all[..count].CopyTo(octets);
        _putBack = count == all.Length ? null : all[count..].ToArray();
        return count;
    }

    private void FailWriting()
    {
        // The kernel may still hold octets that the peer sent before it went: they are read before the end is reported.
        State |= LegState.WriteFailed | LegState.Readable | LegState.HungUp | LegState.Broken | LegState.Suspect;
        DropUnsent();
    }

    private void DropUnsent()
    {
        _backlog.Clear();
        Pipe?.Dispose();
        Pipe = null;
    }

    /// <summary>How many octets the kernel took; 0 when it has no room, below 0 when the connection is broken.</summary>
    private readonly int Write(ReadOnlySpan<byte> octets)
    {
        fixed (byte* first = octets)
        {
            while (true)
            {
                nint sent = Libc.Send(Socket, first, (nuint)octets.Length, SocketConstants.NoSignal);
                if (sent >= 0)
                {
                    return (int)sent;
                }

                int errno = Errno.Last;
                if (errno != Errno.Interrupted)
                {
                    return errno == Errno.WouldBlock ? 0 : -1;
                }
            }
        }
    }
}
