using System.Text.Json;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes what was seen of TLS: the client's first words where it passes through, the proxy's own
/// handshakes where it does not.</summary>
internal static class TlsJson
{
    public static void Write(Utf8JsonWriter json, SessionRecord record)
    {
        WriteHello(json, record.Hello);
        Write(json, "tls_client", record.ClientTls);
        Write(json, "tls_relay", record.RelayTls);
    }

    private static void WriteHello(Utf8JsonWriter json, Tls.ClientHello? hello)
    {
        if (hello is null)
        {
            json.WriteNull("client_hello");
            return;
        }

        json.WriteStartObject("client_hello");
        json.WriteString("server_name", hello.ServerName);
        WriteAll(json, "versions", hello.Versions);
        WriteAll(json, "alpn", hello.Protocols);
        json.WriteNumber("ciphers", hello.Ciphers);
        json.WriteEndObject();
    }

    private static void WriteAll(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, HandshakeNote? note)
    {
        if (note is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("version", TlsInstruments.VersionOf(note.Version));
        json.WriteString("cipher", note.Cipher);
        json.WriteString("server_name", note.ServerName);
        json.WriteString("error", note.Failure?.Type);
        json.WriteString("why", note.Failure?.Words);
        JsonValues.WriteMilliseconds(json, "ms", note.To - note.From);
        json.WriteEndObject();
    }
}
