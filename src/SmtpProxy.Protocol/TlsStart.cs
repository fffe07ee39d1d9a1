using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Protocol;

/// <summary>Watches the first octets of each side behind the 220 to STARTTLS (RFC 3207; PROTOCOL 7.2 to 7.4).
/// Everything behind them is opaque.</summary>
internal struct TlsStart
{
    private const byte HandshakeRecord = 0x16;
    private const byte VersionMajor = 0x03;
    private const byte LowestRecord = 0x14;
    private const byte HighestRecord = 0x18;
    private byte _clientLeft;
    private bool _relayWatched;

    /// <summary>The client's TLS ends at who follows the dialogue: until it is established the relay's words answer nothing, and are no
    /// part of the handshake.</summary>
    public bool EndsHere { get; set; }

    /// <summary>The client shakes hands there.</summary>
    public bool IsUnderWayHere { get; private init; }

    /// <summary>Where the relay said meanwhile what nobody had asked for; null: it did not.</summary>
    public long? StrayAt { get; set; }

    /// <summary>Whether this leg's next octets still have to be looked at.</summary>
    public readonly bool Watches(Leg leg) => leg == Leg.Client ? _clientLeft > 0 : _relayWatched;

    /// <summary>TLS begins, with who follows the dialogue or with the relay; what the client sent between STARTTLS
    /// and the 220 is at hand.</summary>
    public static TlsStart Begin(ReadOnlySpan<byte> held, bool endsHere, out Anomaly? anomaly)
    {
        anomaly = held is [] ? null
            : held[0] == HandshakeRecord ? Anomaly.TlsBefore220 : Anomaly.StartTlsInjectionClient;
        // Injected plaintext was reported as that; what follows it is the handshake's own matter.
        return new TlsStart { _clientLeft = held is []
            ? (byte)2 : (byte)0, _relayWatched = !endsHere, EndsHere = endsHere, IsUnderWayHere = endsHere };
    }

    /// <summary>Looks at octets of a leg.</summary>
    public Anomaly? Look(Leg leg, ReadOnlySpan<byte> octets)
    {
        if (leg == Leg.Relay)
        {
            _relayWatched = false;
            return octets[0] is >= LowestRecord and <= HighestRecord ? null : Anomaly.StartTlsInjectionRelay;
        }

        foreach (var octet in octets[..Math.Min(octets.Length, _clientLeft)])
        {
            var expected = _clientLeft == 2 ? HandshakeRecord : VersionMajor;
            _clientLeft--;
            if (octet != expected)
            {
                _clientLeft = 0;
                return Anomaly.NonTlsAfterStartTls;
            }
        }

        return null;
    }
}
