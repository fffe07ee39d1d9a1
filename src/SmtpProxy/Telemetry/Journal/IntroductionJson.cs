using System.Text.Json;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes how a relay was told the client's address.</summary>
internal static class IntroductionJson
{
    public static void Write(Utf8JsonWriter json, IntroductionNote? note)
    {
        if (note is null)
        {
            json.WriteNull("xclient");
            return;
        }

        json.WriteStartObject("xclient");
        json.WriteNumber("code", note.Code);
        json.WriteStartArray("attributes");
        foreach (var attribute in note.Attributes)
        {
            json.WriteStringValue(attribute);
        }

        json.WriteEndArray();
        json.WriteNumber("ms", Math.Round(Instruments.InSeconds(note.Ticks) * 1000, 3));
        json.WriteEndObject();
    }
}
