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
    private readonly CellsBy<Series> _handshakes;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">The meter <see cref="Instruments.MeterName"/>.</param>
    /// <param name="certificates">The certificates whose expiry is shown; null: there are none.</param>
    /// <param name="time">The clock that expiry is measured against.</param>
    /// <param name="ways">Returns every way from a listener to a relay; null: none is known.</param>
    public TlsInstruments(Meter meter, ServerCertificates? certificates, TimeProvider time,
        Func<IEnumerable<(string Listener, UpstreamState Relay)>>? ways = null)
    {
        ArgumentNullException.ThrowIfNull(meter);
        var cells = new Cells();
        _handshakes = new CellsBy<Series>(cells, TagsOf);
        meter.CreateObservableCounter("smtpproxy.tls.handshakes", () =>
        {
            _handshakes.Show(Expected(certificates, ways));
            return cells.Measure();
        }, "{handshake}", "TLS handshakes of the proxy with clients and with relays");
        meter.CreateObservableGauge("smtpproxy.tls.certificate.expiry", () => Expiries(certificates, time), "s",
            "Time until the first of a listener's certificates expires; negative when it has");
    }

    /// <summary>Counts a handshake that is over.</summary>
    internal void Count(string listener, string? destination, HandshakeNote handshake)
    {
        var peer = handshake.Leg == Leg.Client ? AttributeValues.NoDestination : destination ?? AttributeValues.NoDestination;
        _handshakes[new Series(handshake.Leg, listener, peer, VersionOf(handshake.Version), handshake.Failure?.Type)].Increment();
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
        return (certificates?.Expiries ?? [])
            .Select(e => new Measurement<double>((e.NotAfter - now).TotalSeconds, new Tag(Attributes.Listener, e.Listener)));
    }

    private static Tag[] TagsOf(Series series)
    {
        List<Tag> tags =
        [
            new(Attributes.Leg, series.Leg == Leg.Client ? "client" : "relay"), new(Attributes.Listener, series.Listener),
            new(Attributes.Destination, series.Destination),
        ];
        if (series.Version is not null)
        {
            tags.Add(new(Attributes.TlsVersion, series.Version));
        }

        if (series.Error is not null)
        {
            tags.Add(new(Attributes.ErrorType, series.Error));
        }

        return [.. tags];
    }

    /// <summary>What may be expected of listeners that have certificates and of relays that TLS is spoken to: both versions, and every
    /// failure before one was agreed on.</summary>
    private static IEnumerable<Series> Expected(ServerCertificates? certificates,
        Func<IEnumerable<(string Listener, UpstreamState Relay)>>? ways)
    {
        var clients = (certificates?.Expiries ?? [])
            .Select(static e => new Series(Leg.Client, e.Listener, AttributeValues.NoDestination, null, null));
        var relays = (ways?.Invoke() ?? []).Where(static w => w.Relay.Encrypts)
            .Select(static w => new Series(Leg.Relay, w.Listener, w.Relay.Destination, null, null));
        return clients.Concat(relays).SelectMany(static s => ((Series[])[s with { Version = "1.2" }, s with { Version = "1.3" }])
            .Concat(TlsFailure.Types.Select(type => s with { Error = type })));
    }

    private readonly record struct Series(Leg Leg, string Listener, string Destination, string? Version, string? Error);
}
