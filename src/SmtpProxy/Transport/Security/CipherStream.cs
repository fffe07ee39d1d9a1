using System.Threading.Tasks.Sources;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Security;

/// <summary>Takes the octets of a connection that are encrypted.</summary>
internal delegate void CipherSink(ReadOnlySpan<byte> octets);

/// <summary>
/// What <see cref="System.Net.Security.SslStream"/> takes for its connection. Whoever waits for octets goes on inside <see cref="Feed"/>,
/// on the thread that brings them, so that encryption is work of the pair's loop and needs no thread of its own.
/// </summary>
internal sealed class CipherStream(CipherSink sink) : Stream, IValueTaskSource<int>
{
    /// <summary>What was left of the events before.</summary>
    private readonly OctetQueue _input = new();
    private readonly PassingOctets _passing = new();
    private readonly GatheredRecords _output = new(sink);
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
    public int Unread => _input.Length + _passing.Length;

    /// <summary>Octets of the peer. <see cref="Settle"/> is due after everybody has had them.</summary>
    public void Feed(ReadOnlySpan<byte> octets)
    {
        if (!_passing.TryHold(octets))
        {
            Settle();
            _input.Append(octets);
        }

        Wake();
    }

    /// <summary>The event that brought octets is over: those that nobody has asked for wait, and count as memory in use.</summary>
    public void Settle()
    {
        if (_passing.Length > 0)
        {
            _input.Append(_passing.Octets);
        }

        _passing.Clear();
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
        _passing.Clear();
        _input.Release();
        Wake();
    }

    /// <summary>So many plain octets are about to be encrypted; their records go together, at <see cref="EndWrite"/>.</summary>
    public void BeginWrite(int octets) => _output.Begin(octets);

    /// <summary>They were encrypted.</summary>
    public void EndWrite() => _output.End();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_broken is not null)
        {
            return ValueTask.FromException<int>(_broken);
        }

        if (Unread > 0 || _ended)
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
        _output.Add(buffer);
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

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private int Take(Memory<byte> buffer)
    {
        if (_input.Length == 0)
        {
            return _passing.Take(buffer.Span[.._borders.Take(_passing.Octets[..Math.Min(buffer.Length, _passing.Length)])]);
        }

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
