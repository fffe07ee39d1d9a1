using System.Security.Authentication;
using SmtpProxy.Codes;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>What is known of a session's TLS: of TLS that passes through, what is said in the clear at its beginning; of the
/// proxy's own, what went wrong.</summary>
internal struct TlsRecorder
{
    /// <summary>Octets of both legs that are looked at after TLS has begun: more than a handshake with long certificate chains.</summary>
    private const int MostHandshake = 32 * 1024;

    private ClientHelloReader? _hello;
    private int _handshakeOctets;
    private byte _alert;
    private bool _isHelloOver;
    private bool _passesThrough;
    private TlsProgress _progress;

    /// <summary>Whether TLS passes through whose handshake may still be going on. It may fail in the clear.</summary>
    public readonly bool IsHandshaking => _passesThrough && _handshakeOctets < MostHandshake;

    /// <summary>The alert that a peer sent in the clear (RFC 8446 6); null: none.</summary>
    public readonly byte? Alert => _alert == 0 ? null : _alert;

    /// <summary>Whether that alert was the client's.</summary>
    public bool IsAlertOfClient { get; private set; }

    /// <summary>How far a handshake that passes through came; null: it was completed, or there is none.</summary>
    public readonly TlsProgress? StoppedAt => _passesThrough && _progress < TlsProgress.GoesOn ? _progress : null;

    /// <summary>Whether what came to the handshake that failed was no TLS at all.</summary>
    public bool IsPlaintext { get; private set; }

    /// <summary>The SHA-256 fingerprint of the relay's certificate that is not believed; null: none.</summary>
    public string? Fingerprint { get; private set; }

    /// <summary>Whether the proxy itself speaks TLS with the relay.</summary>
    public bool IsRelaySecured { get; private set; }

    /// <summary><c>error.type</c> of the last handshake of the proxy's own; null: it succeeded, or there was none.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether that handshake was with the client.</summary>
    public bool IsErrorOfClient { get; private set; }

    /// <summary>The dialogue is not followed any more, because of TLS or for another reason.</summary>
    /// <param name="isTls">Whether it is TLS.</param>
    /// <param name="by">Who began it: the relay by its 220 to STARTTLS, or the client by a ClientHello.</param>
    public void BecameOpaque(bool isTls, Leg by) =>
        (_passesThrough, _progress) = (isTls, by == Leg.Client ? TlsProgress.ClientHello : TlsProgress.Begun);

    /// <summary>The dialogue is followed again.</summary>
    public void TrackedAgain() => _passesThrough = false;

    /// <summary>The proxy ends the client's TLS: what follows is read as before.</summary>
    public void Secured() => (_passesThrough, _isHelloOver, _hello) = (false, true, null);

    /// <summary>Whether octets of this leg may belong to a handshake in the clear, and are to be shown to <see cref="Read"/>.</summary>
    /// <param name="from">Whose they are.</param>
    /// <param name="wantsHello">Whether anybody wants the ClientHello.</param>
    public readonly bool IsWatching(Leg from, bool wantsHello) => _passesThrough || (wantsHello && !_isHelloOver && from == Leg.Client);

    /// <summary>Looks at octets that were read.</summary>
    /// <param name="from">Whose they are.</param>
    /// <param name="octets">The octets.</param>
    /// <param name="isFirst">Whether the client sent nothing before them.</param>
    /// <param name="wantsHello">Whether anybody wants the ClientHello.</param>
    /// <returns>The client's ClientHello when these octets complete it; otherwise null.</returns>
    public ClientHello? Read(Leg from, ReadOnlySpan<byte> octets, bool isFirst, bool wantsHello)
    {
        var hello = from == Leg.Client && wantsHello && !_isHelloOver && !octets.IsEmpty ? ReadHello(octets, isFirst) : null;
        if (_passesThrough && _progress < TlsProgress.GoesOn && !octets.IsEmpty)
        {
            _progress = (_progress, from) switch
            {
                (TlsProgress.Begun, Leg.Client) => TlsProgress.ClientHello,
                (TlsProgress.ClientHello, Leg.Relay) => TlsProgress.ServerHello,
                (TlsProgress.ServerHello, Leg.Client) => TlsProgress.GoesOn,
                var (same, _) => same,
            };
        }

        if (IsHandshaking)
        {
            _handshakeOctets += octets.Length;
            if (_alert == 0 && Octets.Alert(octets) is { } alert)
            {
                (_alert, IsAlertOfClient) = (alert, from == Leg.Client);
            }
        }

        return hello;
    }

    /// <summary>A handshake of the proxy's own is over.</summary>
    public void Handshaken(HandshakeNote note)
    {
        (Error, IsErrorOfClient, IsPlaintext) = (note.Failure?.Type, note.Leg == Leg.Client, note.Failure is { IsPlaintext: true });
        if (note.Leg == Leg.Relay)
        {
            (IsRelaySecured, Fingerprint) = (note.Failure is null, note.Failure?.Fingerprint);
        }
    }

    /// <summary>A dial is over. One that connected makes good for the failures of those before it.</summary>
    /// <returns>The handshake that a relay failed by never coming to one; null: it did not.</returns>
    public HandshakeNote? Dialled(in DialNote dial, long at)
    {
        if (dial.Outcome == DialOutcome.Connected)
        {
            Error = null;
        }

        return dial.Outcome == DialOutcome.TlsFailed && Error is null
            ? new HandshakeNote(Leg.Relay, SslProtocols.None, null, null,
                new TlsFailure(TlsFailure.Refused, dial.Result.Error ?? "the relay did not begin TLS"))
            {
                From = at - dial.KeptBack,
                To = at,
            }
            : null;
    }

    /// <summary>Reads the first record of TLS that passes through: after the 220 to STARTTLS, or as the
    /// client's very first octets.</summary>
    private ClientHello? ReadHello(ReadOnlySpan<byte> octets, bool isFirst)
    {
        if (!_passesThrough && _hello is null && !(isFirst && octets[0] == ClientHelloReader.HandshakeRecord))
        {
            return null;
        }

        _hello ??= new ClientHelloReader();
        if (_hello.Read(octets, out var hello) != ClientHelloState.Incomplete)
        {
            (_hello, _isHelloOver) = (null, true);
        }

        return hello;
    }
}
