using System.Buffers;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace SmtpProxy.Transport.Security;

/// <summary>Reads what a <see cref="SslStream"/> has decrypted without waiting for it. A connection that says nothing costs no buffer.</summary>
internal sealed class PlainReader
{
    /// <summary>The largest plain text of a record (RFC 8446, section 5.1).</summary>
    private const int Record = 16 * 1024;

    private readonly SslStream _ssl;
    private readonly Action _completed;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _pending;
    private byte[]? _buffer;
    private Stage _stage;
    private volatile bool _isComplete;

    public PlainReader(SslStream ssl, Action progressed)
    {
        _ssl = ssl;
        _completed = () =>
        {
            _isComplete = true;
            progressed();
        };
    }

    private enum Stage
    {
        Idle,

        /// <summary>A read without a buffer, which is done when a whole record has come.</summary>
        AwaitsRecord,
        Reads,
    }

    /// <summary>Takes the next octets; none at the end of the stream.</summary>
    /// <param name="octets">Valid until the next call.</param>
    /// <returns>False: there are none now.</returns>
    /// <exception cref="IOException">They cannot be decrypted, or the connection is gone.</exception>
    public bool TryRead(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        if (_stage == Stage.Idle)
        {
            Begin(Stage.AwaitsRecord, Memory<byte>.Empty);
        }

        if (_stage == Stage.AwaitsRecord)
        {
            if (!_isComplete)
            {
                return false;
            }

            _ = Finish();
            Begin(Stage.Reads, _buffer ??= ArrayPool<byte>.Shared.Rent(Record));
        }

        if (!_isComplete)
        {
            return false;
        }

        octets = _buffer.AsSpan(0, Finish());
        return true;
    }

    /// <summary>Gives the buffer back, unless it is being read into.</summary>
    public void Rest()
    {
        if (_buffer is { } buffer && _stage != Stage.Reads)
        {
            _buffer = null;
            // It held what was encrypted for a reason.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private void Begin(Stage stage, Memory<byte> buffer)
    {
        (_stage, _isComplete) = (stage, false);
#pragma warning disable CA2012 // Consumed once, by Finish, after it is complete.
        _pending = _ssl.ReadAsync(buffer).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        if (_pending.IsCompleted)
        {
            _isComplete = true;
        }
        else
        {
            _pending.UnsafeOnCompleted(_completed);
        }
    }

    private int Finish()
    {
        _stage = Stage.Idle;
        return _pending.GetResult();
    }
}
