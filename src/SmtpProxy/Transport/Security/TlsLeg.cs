using System.Net.Security;
using System.Security.Authentication;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Security;

/// <summary>One leg's encryption: octets of the connection in, plain ones out, and the other way. Used on the pair's loop.</summary>
internal sealed class TlsLeg : IDisposable
{
    /// <summary>More than one read, and what is left of a record (RFC 8446, section 5.1) before it: what is above it came while a handshake
    /// waits for something else.</summary>
    private const int MostUnread = Portion.Largest + (32 * 1024);

    private readonly CipherStream _wire;
    private readonly SslStream _ssl;
    private readonly Action _progressed;
    private readonly PlainReader _reader;
    private readonly OctetQueue _early = new();
    private Task _shaking = Task.CompletedTask;
    private Exception? _failure;

    /// <summary>Somebody still has the octets that were read last.</summary>
    private bool _isRead;

    /// <summary>Creates it; nothing happens before <see cref="Begin"/>.</summary>
    /// <param name="leg">Which.</param>
    /// <param name="sink">Takes encrypted octets.</param>
    /// <param name="progressed">Called, from any thread, when there may be something to do.</param>
    public TlsLeg(Leg leg, CipherSink sink, Action progressed)
    {
        (Leg, _progressed) = (leg, progressed);
        _wire = new CipherStream(sink);
        _ssl = new SslStream(_wire);
        _reader = new PlainReader(_ssl, progressed);
    }

    /// <summary>Which leg.</summary>
    public Leg Leg { get; }

    /// <summary>How far it has come.</summary>
    public TlsLegState State { get; private set; }

    /// <summary>When it began, in ticks.</summary>
    public long Began { get; private set; }

    /// <summary>The peer has sent more than is taken from it for now: it has to wait.</summary>
    public bool IsFull => _wire.Unread > Math.Min(MostUnread, QueueMemory.Bound);

    /// <summary>Octets that wait for the end of the handshake.</summary>
    public int Waiting => _early.Length;

    /// <summary>Nothing more may be written after what was.</summary>
    public bool IsShut { get; private set; }

    /// <summary>The peer sends no more, and the handler knows.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Begins the handshake.</summary>
    public void Begin(TlsShake shake, long at)
    {
        Began = at;
        _shaking = ShakeAsync(shake);
        if (!_shaking.IsCompleted)
        {
            _shaking.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_progressed);
        }
    }

    /// <summary>Encrypted octets of the peer.</summary>
    public void Feed(ReadOnlySpan<byte> octets) => _wire.Feed(octets);

    /// <summary>The event that brought octets is over.</summary>
    public void Settle() => _wire.Settle();

    /// <summary>The peer closed its direction.</summary>
    public void End() => _wire.End();

    /// <summary>Looks whether the handshake is over.</summary>
    /// <returns>It is, since this call.</returns>
    public bool TryFinish()
    {
        if (State != TlsLegState.Shaking || !_shaking.IsCompleted)
        {
            return false;
        }

        State = _failure is null ? TlsLegState.Open : TlsLegState.Broken;
        return true;
    }

    /// <summary>What came of the handshake.</summary>
    public TlsHandshake Result(long at) => State == TlsLegState.Open
        ? new TlsHandshake(Leg, Began, at, _ssl.SslProtocol, $"{_ssl.NegotiatedCipherSuite}",
            _ssl.TargetHostName is { Length: > 0 } name ? name : null, null)
        : new TlsHandshake(Leg, Began, at, SslProtocols.None, null, null, _failure);

    /// <summary>Plain octets for the peer.</summary>
    public void Send(ReadOnlySpan<byte> octets)
    {
        if (State == TlsLegState.Shaking)
        {
            _early.Append(octets);
        }
        else if (State == TlsLegState.Open && !octets.IsEmpty)
        {
            Write(octets);
        }
    }

    /// <summary>Sends what waited for the handshake.</summary>
    public void Flush()
    {
        Send(_early.Take());
        if (IsShut)
        {
            SayGoodbye();
        }
    }

    /// <summary>Ends what is sent, with <c>close_notify</c> (RFC 8446, section 6.1): the peer sees that nothing was cut off.</summary>
    public void Shut()
    {
        if (!IsShut && State == TlsLegState.Open)
        {
            SayGoodbye();
        }

        IsShut = true;
    }

    /// <summary>Takes the next plain octets, if there are any.</summary>
    /// <param name="octets">Valid until the next call; empty at the end of the stream.</param>
    /// <returns>False: none now, or none ever (<see cref="State"/> tells).</returns>
    public bool TryRead(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        if (State != TlsLegState.Open)
        {
            return false;
        }

        try
        {
            return _isRead = _reader.TryRead(_wire.Unread, out octets);
        }
#pragma warning disable CA1031 // Whatever a peer makes its decryption throw ends that leg, and nothing else.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
            return false;
        }
    }

    /// <summary>All was read that has come: keeps no memory for more.</summary>
    public void Rest()
    {
        _isRead = false;
        _reader.Rest();
    }

    /// <summary>The leg is gone: nothing is read or written any more.</summary>
    public void Close(string why, Exception? cause = null)
    {
        Fail(cause ?? new IOException(why));
        _wire.Break(why);
        _early.Release();
        if (!_isRead)
        {
            // Whoever takes octets may close it before all of them are taken: then their memory is given back by Rest.
            _reader.Rest();
        }

        _ssl.Dispose();
    }

    public void Dispose() => Close("The connection is closed.");

    private async Task ShakeAsync(TlsShake shake)
    {
        try
        {
            await shake(_ssl).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure ??= e;
        }
    }

    private void Write(ReadOnlySpan<byte> octets)
    {
        try
        {
            _wire.BeginWrite(octets.Length);
            _ssl.Write(octets);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
            _progressed();
        }
        finally
        {
            _wire.EndWrite();
        }
    }

    private void SayGoodbye()
    {
        try
        {
            // Done when it returns: the stream below never waits.
            _ = _ssl.ShutdownAsync();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The peer has broken it off already, or OpenSSL is amid a message of it that is not whole ("shutdown while in init"): FIN
            // says the same.
        }
    }

    private void Fail(Exception e)
    {
        _failure ??= e;
        State = TlsLegState.Broken;
    }
}
