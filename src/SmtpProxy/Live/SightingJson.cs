using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>Writes sessions as the API shows them: the journal's object by the journal's own writers, with what a list and a waterfall need
/// besides. Not thread-safe.</summary>
internal sealed class SightingJson : IDisposable
{
    /// <summary>Exchanges, and transactions, that are shown of one session: the first and the last.</summary>
    public const int Most = 1000;

    // Served as application/json, with nosniff, and put into no page.
    private static readonly JsonWriterOptions Options = new()
        { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly ArrayBufferWriter<byte> _octets = new(16 * 1024);
    private readonly Utf8JsonWriter _json;

    public SightingJson() => _json = new Utf8JsonWriter(_octets, Options);

    /// <summary>Makes the sighting of a record that nobody writes to.</summary>
    /// <param name="record">The record.</param>
    /// <param name="facts">What was read from it.</param>
    /// <param name="number">Its number; 0: the session goes on.</param>
    public Sighting Make(SessionRecord record, SightingFacts facts, long number)
    {
        _octets.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        JournalJson.WriteIdentity(_json, record);
        WriteFacts(facts, number);
        JournalJson.WriteEnd(_json, record);
        _json.Flush();
        var head = _octets.WrittenCount;
        JournalJson.WriteDialogue(_json, record, Most, isPlaced: true);
        WriteDials(record);
        WriteHandshakes(record);
        _json.WriteEndObject();
        _json.Flush();
        return new Sighting(facts, number, record.Part, _octets.WrittenSpan.ToArray(), head);
    }

    public void Dispose() => _json.Dispose();

    private void WriteFacts(SightingFacts facts, long number)
    {
        _json.WriteBoolean("live", number == 0);
        _json.WritePropertyName("number");
        if (number == 0)
        {
            _json.WriteNullValue();
        }
        else
        {
            _json.WriteNumberValue(number);
        }

        _json.WriteStartObject("messages");
        for (var verdict = Verdict.Accepted; verdict <= Verdict.Aborted; verdict++)
        {
            _json.WriteNumber(AttributeValues.Of(verdict), facts.Messages[(int)verdict]);
        }

        _json.WriteEndObject();
        _json.WriteStartObject("recipients");
        _json.WriteNumber("accepted", facts.RecipientsAccepted);
        _json.WriteNumber("rejected", facts.RecipientsRejected);
        _json.WriteEndObject();
        _json.WriteStartArray("codes");
        foreach (var code in facts.Codes)
        {
            _json.WriteNumberValue(code);
        }

        _json.WriteEndArray();
        WriteRefusals(facts);
        _json.WriteStartArray("queue_ids");
        foreach (var id in facts.QueueIds.Take(8))
        {
            _json.WriteStringValue(id);
        }

        _json.WriteEndArray();
        WriteMs("data_ready_ms", facts.DataReadyMs);
        WriteMs("accept_ms", facts.AcceptMs);
        WriteMs("slowest_ms", facts.SlowestMs);
        _json.WriteString("noise", facts.Noise switch { Noise.HealthCheck => "health_check", Noise.Scan => "scan", _ => null });
        _json.WriteString("waiting_for", facts.WaitingFor);
        WriteMs("waiting_ms", facts.WaitingFor is null ? -1 : facts.WaitingMs);
    }

    private void WriteRefusals(SightingFacts facts)
    {
        _json.WriteStartArray("refusals");
        foreach (var refusal in facts.Refusals)
        {
            _json.WriteStartObject();
            _json.WriteString("verb", refusal.Verb);
            _json.WriteNumber("code", refusal.Code);
            _json.WriteString("enhanced", refusal.Enhanced.IsPresent ? refusal.Enhanced.ToString() : null);
            _json.WriteString("origin", AttributeValues.Of(refusal.Origin));
            _json.WriteNumber("count", refusal.Count);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteDials(SessionRecord record)
    {
        _json.WriteStartArray("dials");
        foreach (var dial in record.Dials)
        {
            _json.WriteStartObject();
            _json.WriteString("destination", dial.Destination);
            _json.WriteString("relay", dial.Relay?.ToString());
            WriteMs("at_ms", FactsReader.Milliseconds(Math.Max(0, dial.Began - record.StartedAt)));
            WriteMs("ms", FactsReader.Milliseconds(Math.Max(0, dial.Ended - dial.Began)));
            _json.WriteString("error", dial.Error);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteHandshakes(SessionRecord record)
    {
        _json.WriteStartArray("handshakes");
        foreach (var note in (ReadOnlySpan<HandshakeNote?>)[record.ClientTls, record.RelayTls])
        {
            if (note is null)
            {
                continue;
            }

            _json.WriteStartObject();
            _json.WriteString("leg", note.Leg == Leg.Client ? "client" : "relay");
            WriteMs("at_ms", FactsReader.Milliseconds(Math.Max(0, note.From - record.StartedAt)));
            WriteMs("ms", FactsReader.Milliseconds(Math.Max(0, note.To - note.From)));
            _json.WriteString("version", TlsInstruments.VersionOf(note.Version));
            _json.WriteString("error", note.Failure?.Type);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteMs(string name, double milliseconds)
    {
        _json.WritePropertyName(name);
        if (milliseconds < 0)
        {
            _json.WriteNullValue();
        }
        else
        {
            _json.WriteNumberValue(milliseconds);
        }
    }
}
