using System.Security.Authentication;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

// TLS that passes through, of which the first words are in the clear; and TLS that ends here.
public sealed partial class SessionTelemetry
{
    private ClientHelloReader? _hello;
    private bool _isHelloOver;
    private string? _tlsError;
    private bool _tlsErrorOfClient;

    /// <summary>A handshake of the proxy's own is over: counts it, times it as the operation <c>tls_handshake</c>, and records it.</summary>
    public void Handshaken(HandshakeNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        var error = note.Failure?.Type;
        _lastSet = note.To;
        KeepIf(error is not null, KeepReason.Error, note.To);
        Count(note);
        // A client's slowness must not look like that of the relay behind it.
        var tags = note.Leg == Leg.Client ? _instruments.Tags(_listener, _cluster, Values.NoDestination) : _tags;
        Record(_instruments.OperationDuration, note.To - note.From, tags.Ended(Operation.TlsHandshake, error));
        Trace.AddSpan(SpanNames.TlsHandshake, note.From, note.To, error, TlsSpans.Of(note, Destination));
    }

    private void Count(HandshakeNote note)
    {
        _proxy.Handshaken(_listener, Destination, note);
        (_tlsError, _tlsErrorOfClient) = (note.Failure?.Type, note.Leg == Leg.Client);
        if (_record is not null && note.Leg == Leg.Client)
        {
            _record.ClientTls = note;
        }
        else if (_record is not null)
        {
            _record.RelayTls = note;
        }
    }

    /// <summary>What the dial says of TLS: a relay that never came to a handshake failed by it, too; one that connected makes good for those before it.</summary>
    private void RelayTlsDecided(in DialResult dial, long at)
    {
        if (dial.Outcome == DialOutcome.Connected)
        {
            _tlsError = null;
        }
        else if (dial.Outcome == DialOutcome.TlsFailed && _tlsError is null)
        {
            Count(new HandshakeNote(Leg.Relay, SslProtocols.None, null, null, new TlsFailure(TlsFailure.Refused, dial.Error ?? "the relay did not begin TLS")) { From = at - dial.KeptBack, To = at });
        }
    }

    /// <summary>TLS with the client is the proxy's: what follows is read as ever.</summary>
    public void Secured() => (_isTls, _isHelloOver, _hello) = (false, true, null);

    /// <summary>Reads what a client says in the clear when TLS begins that passes through: behind the 220 to STARTTLS, or as its very first octets.</summary>
    private void Greet(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from != Leg.Client || _isHelloOver || octets.IsEmpty)
        {
            return;
        }

        var isFirst = _clientOctets == 0 && octets[0] == ClientHelloReader.HandshakeRecord;
        if (_record is null || (!_isTls && !isFirst && _hello is null))
        {
            return;
        }

        _hello ??= new ClientHelloReader();
        var state = _hello.Read(octets, out var hello);
        if (state != ClientHelloState.Incomplete)
        {
            (_record.Hello, _hello, _isHelloOver) = (hello, null, true);
        }
    }
}
