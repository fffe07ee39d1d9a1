using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Turns octets from the wire into text, whatever they are: UTF-8 (RFC 6531) stays, anything else is read as Latin-1, so that
/// every octet stays visible as one character.</summary>
internal static class WireText
{
    /// <summary>Returns octets as text, by the same rule.</summary>
    public static string Of(ReadOnlySpan<byte> octets) => (Utf8.IsValid(octets) ? Encoding.UTF8 : Encoding.Latin1).GetString(octets);

    public static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> octets)
    {
        if (Utf8.IsValid(octets))
        {
            json.WriteStringValue(octets);
        }
        else
        {
            json.WriteStringValue(Encoding.Latin1.GetString(octets));
        }
    }
}
