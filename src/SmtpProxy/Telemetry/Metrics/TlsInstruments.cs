using System.Diagnostics.Metrics;
using System.Security.Authentication;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>What is counted of TLS that ends at the proxy.</summary>
public sealed class TlsInstruments
{
    private readonly Counter<long> _handshakes;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">The meter <see cref="Instruments.MeterName"/>.</param>
    /// <param name="certificates">The certificates whose expiry is shown; null: there are none.</param>
    /// <param name="time">The clock that expiry is measured against.</param>
    public TlsInstruments(Meter meter, ServerCertificates? certificates, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _handshakes = meter.CreateCounter<long>("smtpproxy.tls.handshakes", "{handshake}", "TLS handshakes of the proxy with clients and with relays");
        meter.CreateObservableGauge("smtpproxy.tls.certificate.expiry", () => Expiries(certificates, time), "s",
            "Time until the first of a listener's certificates expires; negative when it has");
    }

    /// <summary>Counts a handshake that is over.</summary>
    internal void Count(string listener, string? destination, HandshakeNote handshake)
    {
        // Handshakes are few, and each costs a thousand times what these tags do.
        List<Tag> tags =
        [
            new(Attributes.Leg, handshake.Leg == Leg.Client ? "client" : "relay"),
            new(Attributes.Listener, listener),
            new(Attributes.Destination, handshake.Leg == Leg.Client ? AttributeValues.NoDestination : destination ?? AttributeValues.NoDestination),
        ];
        if (VersionOf(handshake.Version) is { } version)
        {
            tags.Add(new(Attributes.TlsVersion, version));
        }

        if (handshake.Failure is { } failure)
        {
            tags.Add(new(Attributes.ErrorType, failure.Type));
        }

        _handshakes.Add(1, [.. tags]);
    }

    /// <summary><c>tls.protocol.version</c>; null where none was agreed on.</summary>
    internal static string? VersionOf(SslProtocols version) => version switch
    {
        SslProtocols.Tls12 => "1.2",
        SslProtocols.Tls13 => "1.3",
        SslProtocols.None => null,
        _ => AttributeValues.Other,
    };

    private static IEnumerable<Measurement<double>> Expiries(ServerCertificates? certificates, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return (certificates?.Expiries ?? []).Select(e => new Measurement<double>((e.NotAfter - now).TotalSeconds, new Tag(Attributes.Listener, e.Listener)));
    }
}
