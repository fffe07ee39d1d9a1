using System.Text.Json;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes the faults that were injected.</summary>
internal static class FaultJson
{
    public static void Write(Utf8JsonWriter json, List<FaultNote> faults)
    {
        json.WriteStartArray("faults");
        foreach (var fault in faults)
        {
            json.WriteStartObject();
            json.WriteString("rule", fault.Rule);
            json.WriteString("action", fault.Action);
            json.WriteString("point", fault.Point);
            json.WriteString("effect", fault.Effect);
            JsonValues.WriteCode(json, "client_code", fault.ClientCode);
            JsonValues.WriteCode(json, "relay_code", fault.RelayCode);
            json.WriteString("relay_queue_id", fault.RelayQueueId);
            json.WriteNumber("added_ms", Math.Round(fault.AddedDelay.TotalMilliseconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
