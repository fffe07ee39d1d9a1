using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Tls;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Writes what spans say of TLS, under the names of the semantic conventions where there are any.</summary>
internal static class TlsSpans
{
    private const string ClientVersions = "smtpproxy.tls.client.versions";
    private const string ClientProtocols = "smtpproxy.tls.client.alpn";
    private const string ClientCiphers = "smtpproxy.tls.client.ciphers";
    private const string Cipher = "tls.cipher";
    private const string Established = "tls.established";

    /// <summary>Adds the ClientHello of a client whose TLS passes through to the session's span.</summary>
    public static void Describe(Activity root, ClientHello? hello)
    {
        if (hello is null)
        {
            return;
        }

        root.SetTag(SpanAttributes.ServerAddress, hello.ServerName);
        // As text: there are receivers that refuse a whole batch for an array in it.
        root.SetTag(ClientVersions, string.Join(",", hello.Versions));
        root.SetTag(ClientProtocols, string.Join(",", hello.Protocols));
        root.SetTag(ClientCiphers, hello.Ciphers);
    }

    /// <summary>Returns the attributes of a handshake of the proxy's own.</summary>
    public static KeyValuePair<string, object?>[] Of(HandshakeNote note, string? destination) =>
    [
        new(Attributes.Operation, "tls_handshake"),
        new(Attributes.Leg, note.Leg == Leg.Client ? "client" : "relay"),
        new(Attributes.Destination, note.Leg == Leg.Client ? null : destination),
        new(SpanAttributes.ServerAddress, note.ServerName),
        new(Attributes.TlsVersion, TlsInstruments.VersionOf(note.Version)),
        new(Cipher, note.Cipher),
        new(Established, note.Failure is null),
    ];
}
