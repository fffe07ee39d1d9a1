using System.IO.Pipelines;

namespace SmtpProxy.Inspection;

/// <summary>One end of a connection inside the process: what is written at one end is read at the other.</summary>
/// <param name="from">What the other end writes.</param>
/// <param name="to">What the other end reads.</param>
internal sealed class TwoWayStream(PipeReader from, PipeWriter to) : Stream
{
    private readonly Stream _from = from.AsStream(), _to = to.AsStream();

    /// <summary>Both ends.</summary>
    public static (TwoWayStream One, TwoWayStream Other) Pair()
    {
        var (there, back) = (new Pipe(), new Pipe());
        return (new TwoWayStream(back.Reader, there.Writer), new TwoWayStream(there.Reader, back.Writer));
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => _from.Read(buffer, offset, count);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _from.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => _to.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _to.WriteAsync(buffer, cancellationToken);

    public override void Flush() => _to.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => _to.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _to.Dispose();
            _from.Dispose();
        }

        base.Dispose(disposing);
    }
}
