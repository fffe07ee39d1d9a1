using System.Buffers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Security;

/// <summary>Reads what a <see cref="SslStream"/> has decrypted without waiting for it, as many records at once as have come. A connection
/// that says nothing costs no buffer.</summary>
internal sealed class PlainReader
{
    /// <summary>The largest plain text of a record (RFC 8446, section 5.1).</summary>
    private const int Record = 16 * 1024;

    private readonly SslStream _ssl;
    private readonly Action _completed;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _pending;
    private ExceptionDispatchInfo? _failure;
    private byte[]? _buffer;

    /// <summary>Where in the buffer a read that is under way puts what it decrypts.</summary>
    private int _at;

    /// <summary>Octets of the buffer that were decrypted into it since it was borrowed.</summary>
    private int _used;
    private Stage _stage;
    private bool _hasEnded;
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
    /// <param name="unread">Encrypted octets that have come: about as many as there are to take.</param>
    /// <param name="octets">Valid until the next call.</param>
    /// <returns>False: there are none now.</returns>
    /// <exception cref="IOException">They cannot be decrypted, or the connection is gone.</exception>
    public bool TryRead(int unread, out ReadOnlySpan<byte> octets)
    {
        _failure?.Throw();
        var start = _stage == Stage.Reads ? _at : 0;
        var end = start;
        try
        {
            while (!_hasEnded && IsRoomAt(end) && TryRecord(unread, ref end))
            {
            }
        }
#pragma warning disable CA1031 // Thrown later: what came before it was good, and is taken first.
        catch (Exception e) when (end > start)
#pragma warning restore CA1031
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }

        octets = _buffer.AsSpan(start, end - start);
        return end > start || _hasEnded;
    }

    /// <summary>Gives the buffer back, unless it is being read into.</summary>
    public void Rest()
    {
        if (_buffer is { } buffer && _stage != Stage.Reads)
        {
            _buffer = null;
            // It held what was encrypted for a reason.
            buffer.AsSpan(0, _used).Clear();
            _used = 0;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether the buffer takes a whole record more; one that is not there yet will.</summary>
    private bool IsRoomAt(int at) => _stage == Stage.Reads || _buffer is null || _buffer.Length - at >= Record;

    /// <summary>Takes one record, or more, into the buffer.</summary>
    /// <param name="unread">See <see cref="TryRead"/>.</param>
    /// <param name="end">Where the octets before it end; then where it ends.</param>
    /// <returns>False: there is none now.</returns>
    private bool TryRecord(int unread, ref int end)
    {
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
            _buffer ??= ArrayPool<byte>.Shared.Rent(unread > Record ? Portion.Largest : Record);
            _at = end;
            // No more at once: of several records in one call the good ones would be lost with one that is not.
            Begin(Stage.Reads, _buffer.AsMemory(_at, Record));
        }

        if (!_isComplete)
        {
            return false;
        }

        var count = Finish();
        _hasEnded = count == 0;
        end += count;
        _used = Math.Max(_used, end);
        return true;
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
