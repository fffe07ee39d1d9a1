using System.Text.Json;
using SmtpProxy.Codes;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes the journal's <c>diagnosis</c>.</summary>
internal static class DiagnosisJson
{
    public static void Write(Utf8JsonWriter json, Finding? finding)
    {
        if (finding is null)
        {
            json.WriteNull("diagnosis");
            return;
        }

        json.WriteStartObject("diagnosis");
        json.WriteString("code", finding.Code);
        json.WriteString("text", finding.Text);
        json.WriteString("remedy", finding.Remedy);
        if (finding.Said is { } said)
        {
            json.WriteString("said", said);
        }

        json.WriteStartObject("evidence");
        foreach (var (name, value) in finding.Evidence)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        if (finding.Candidates.Count > 0)
        {
            json.WriteStartArray("candidates");
            foreach (var candidate in finding.Candidates)
            {
                json.WriteStringValue(Catalogue.Of(candidate).Code);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
