using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

/// <summary>What a leg receives: a loop fills a pipe from the socket, as far as the pipe's threshold lets it, and the pair's
/// executor empties it. Whoever does not empty it slows the peer by TCP.</summary>
internal sealed class Inbound(Socket socket, Pulse pulse, Action arrived)
{
    private const int SegmentSize = 16 * 1024;

    /// <summary>Octets that are taken of a peer before they are asked for: four segments, and less where there is little memory, for
    /// every peer may send them.</summary>
    private static readonly int _ahead = (int)AvailableMemory.Share(4 * SegmentSize, 16 * 1024);

    private static readonly PipeOptions _options = new(
        pauseWriterThreshold: _ahead,
        resumeWriterThreshold: (_ahead + 1) / 2,
        minimumSegmentSize: Math.Min(SegmentSize, _ahead),
        readerScheduler: PipeScheduler.Inline,
        useSynchronizationContext: false);

    private readonly Pipe _pipe = new(_options);
    private ReadOnlyMemory<byte> _putBack;
    private EndKind _end;
    private volatile bool _isReset;
    private volatile bool _taking;
    private long _arrivedAt;
    private long _cameAt;
    private int _waiting;
    private int _users = 1;
    private bool _reading;
    private bool _readsPutBack;
    private bool _released;

    /// <summary>When octets were taken from the kernel last.</summary>
    public long ArrivedAt => Volatile.Read(ref _arrivedAt);

    /// <summary>When they, or the end, had come there, as far as that is known.</summary>
    public long CameAt => Volatile.Read(ref _cameAt);

    /// <summary>Octets have reached this machine, whether they can be read from here yet or not. Asked in the order in which they
    /// move on: from the kernel to the loop to the pipe.</summary>
    public bool HasOctets => !_putBack.IsEmpty || KernelHasOctets() || _taking || Volatile.Read(ref _waiting) > 0;

    /// <summary>The connection was reset and nothing that came before is left.</summary>
    public bool IsReset => _isReset && Volatile.Read(ref _waiting) == 0 && _putBack.IsEmpty;

    /// <summary>Fills until the end of the connection.</summary>
    public async Task FillAsync()
    {
        _users++;
        _end = await FillToEndAsync().ConfigureAwait(false);
        _isReset = _end == EndKind.Reset;
        await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        LetGo();
        arrived();
    }

    /// <summary>Octets that were read come again, before all others.</summary>
    public void PutBack(ReadOnlySpan<byte> octets)
    {
        // Nothing takes the place of nothing: a handler that was handed octets may hand the pair on unread.
        if (!octets.IsEmpty)
        {
            _putBack = octets.ToArray();
        }
    }

    /// <summary>Takes what is there: one contiguous piece, given back by <see cref="Advance"/>.</summary>
    /// <param name="octets">The octets; empty at the end.</param>
    /// <param name="end">How the direction ended, when it has and everything before was taken.</param>
    /// <returns>False when nothing is there.</returns>
    public bool TryRead(out ReadOnlySequence<byte> octets, out EndKind? end)
    {
        octets = default;
        end = null;
        if (_released)
        {
            return false;
        }

        if (!_putBack.IsEmpty)
        {
            (_readsPutBack, octets) = (true, new ReadOnlySequence<byte>(_putBack));
            return true;
        }

        if (!_pipe.Reader.TryRead(out var result))
        {
            return false;
        }

        _reading = true;
        octets = result.Buffer;
        if (octets.IsEmpty)
        {
            end = result.IsCompleted ? _end : null;
            Advance(octets.Start, 0);
        }

        return !octets.IsEmpty || end is not null;
    }

    /// <summary>Gives back what <see cref="TryRead"/> took, up to here: so many octets were used.</summary>
    public void Advance(SequencePosition consumed, int octets)
    {
        if (_readsPutBack)
        {
            (_readsPutBack, _putBack) = (false, _putBack[octets..]);
            return;
        }

        _reading = false;
        Interlocked.Add(ref _waiting, -octets);
        QueueMemory.Give(octets);
        if (_released)
        {
            EndReading();
        }
        else
        {
            _pipe.Reader.AdvanceTo(consumed);
        }
    }

    /// <summary>Nobody reads any more. Octets that are being shown right now stay valid until <see cref="Advance"/>.</summary>
    public void Release()
    {
        if (!_released)
        {
            _released = true;
            if (!_reading)
            {
                EndReading();
            }
        }
    }

    private void EndReading()
    {
        _pipe.Reader.Complete();
        LetGo();
    }

    /// <summary>Who fills, or who reads, has done so for the last time: with the second what is left is forgotten.</summary>
    private void LetGo()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            QueueMemory.Give(_waiting);
        }
    }

    private async Task<EndKind> FillToEndAsync()
    {
        try
        {
            var end = Stopwatch.GetTimestamp() + Turn.Ticks;
            while (true)
            {
                // Waiting with an empty buffer first: an idle session holds no memory.
                var waiting = socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                var hasWaited = !waiting.IsCompleted;
                await waiting.ConfigureAwait(false);
                end = hasWaited ? Stopwatch.GetTimestamp() + Turn.Ticks : end;
                _taking = true;
                var taking = socket.ReceiveAsync(_pipe.Writer.GetMemory(Math.Min(SegmentSize / 4, _ahead)), SocketFlags.None);
                if (!taking.IsCompleted)
                {
                    // There was nothing after all. Whoever has waited for it meanwhile, with octets of the other leg, must look again.
                    _taking = false;
                    arrived();
                }

                var received = await taking.ConfigureAwait(false);
                TakeTime(Stopwatch.GetTimestamp());
                Interlocked.Add(ref _waiting, received);
                QueueMemory.Take(received);
                _taking = false;
                if (received == 0)
                {
                    return EndKind.Fin;
                }

                _pipe.Writer.Advance(received);
                var flushed = _pipe.Writer.FlushAsync();
                arrived();
                if ((await flushed.ConfigureAwait(false)).IsCompleted)
                {
                    return EndKind.Reset;
                }

                if (Stopwatch.GetTimestamp() >= end)
                {
                    // A peer that sends as fast as it is read never lets the thread go.
                    await new NextTurn();
                    end = Stopwatch.GetTimestamp() + Turn.Ticks;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _taking = false;
            return EndKind.Reset;
        }
    }

    /// <summary>When the connection came, of which we hear now: in the listener's queue it may have waited for us. The pulse cannot tell
    /// that, as it beats only while there are connections.</summary>
    public long Established(long now) => now - Sockets.Age(socket);

    private void TakeTime(long now)
    {
        Volatile.Write(ref _cameAt, now - (pulse.MayBeLate(now) ? Sockets.Age(socket) : 0));
        Volatile.Write(ref _arrivedAt, now);
    }

    private bool KernelHasOctets()
    {
        try
        {
            return socket.Available > 0;
        }
        catch (SocketException)
        {
            return false; // the loop will say why
        }
    }
}
