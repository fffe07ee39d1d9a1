using System.Threading.Tasks.Sources;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Security;

/// <summary>Takes the octets of a connection that are encrypted.</summary>
internal delegate void CipherSink(ReadOnlySpan<byte> octets);

/// <summary>
/// What <see cref="System.Net.Security.SslStream"/> takes for its connection. Whoever waits for octets goes on inside <see cref="Feed"/>, on the
/// thread that brings them, so that encryption is work of the pair's loop and needs no thread of its own.
/// </summary>
internal sealed class CipherStream(CipherSink sink) : Stream, IValueTaskSource<int>
{
    private readonly OctetQueue _input = new();
    private ManualResetValueTaskSourceCore<int> _source;
    private RecordBorders _borders;
    private Memory<byte> _wanted;
    private Exception? _broken;
    private bool _waits;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Octets of the peer that nobody has asked for yet.</summary>
    public int Unread => _input.Length;

    /// <summary>Octets of the peer.</summary>
    public void Feed(ReadOnlySpan<byte> octets)
    {
        _input.Append(octets);
        Wake();
    }

    /// <summary>The peer sends no more.</summary>
    public void End()
    {
        _ended = true;
        Wake();
    }

    /// <summary>The connection is gone.</summary>
    public void Break(string why)
    {
        _broken ??= new IOException(why);
        Wake();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_broken is not null)
        {
            return ValueTask.FromException<int>(_broken);
        }

        if (_input.Length > 0 || _ended)
        {
            return new(Take(buffer));
        }

        _source.Reset();
        (_wanted, _waits) = (buffer, true);
        // Of a record that is not whole there is a buffer somewhere, as long as the peer likes. One that waits for the next needs none.
        QueueMemory.Take(buffer.Length);
        return new(this, _source.Version);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_broken is not null, this);
        sink(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only ReadAsync may wait.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private int Take(Memory<byte> buffer)
    {
        var count = _borders.Take(_input.Octets[..Math.Min(buffer.Length, _input.Length)]);
        _input.Octets[..count].CopyTo(buffer.Span);
        _input.Remove(count);
        return count;
    }

    private void Wake()
    {
        if (!_waits)
        {
            return;
        }

        _waits = false;
        QueueMemory.Give(_wanted.Length);
        if (_broken is not null)
        {
            _source.SetException(_broken);
        }
        else
        {
            _source.SetResult(Take(_wanted));
        }
    }
}
