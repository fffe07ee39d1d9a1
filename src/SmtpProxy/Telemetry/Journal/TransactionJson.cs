using System.Runtime.InteropServices;
using System.Text.Json;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes one transaction of the journal.</summary>
internal static class TransactionJson
{
    public static void Write(Utf8JsonWriter json, SessionRecord record, in TransactionEntry transaction)
    {
        var exchanges = record.Exchanges.Items;
        ref readonly var facts = ref transaction.Facts;
        var mail = ExchangeJson.Find(exchanges, facts.MailIndex);
        json.WriteStartObject();
        JsonValues.WriteAddress(json, "from", record, mail < 0 ? TextSpan.None : exchanges[mail].Text);
        WriteParameters(json, record, mail < 0 ? TextSpan.None : exchanges[mail].Parameters);
        WriteRecipients(json, record, exchanges, transaction.Recipients);
        json.WriteNumber("accepted", facts.Accepted);
        json.WriteNumber("rejected", facts.Rejected);
        json.WriteString("via", NameOf(facts.Via));
        JsonValues.WriteOctets(json, "wire_octets", facts.Via == Via.None ? -1 : facts.WireOctets);
        JsonValues.WriteOctets(json, "message_octets", facts.Via == Via.None ? -1 : facts.MessageOctets);
        json.WriteStartArray("final_codes");
        foreach (var code in CollectionsMarshal.AsSpan(record.FinalCodes).Slice(transaction.FinalCodes.Start, transaction.FinalCodes.Count))
        {
            json.WriteNumberValue(code);
        }

        json.WriteEndArray();
        json.WriteString("outcome", NameOf(facts.Outcome));
        json.WriteString("verdict", AttributeValues.Of(transaction.Verdict));
        WriteText(json, "queue_id", record.Text, transaction.QueueId);
        WriteText(json, "message_id", record.Text, transaction.MessageId);
        JsonValues.WriteMilliseconds(json, "data_ready_ms", transaction.DataReady);
        JsonValues.WriteMilliseconds(json, "body_ms", transaction.Body);
        JsonValues.WriteMilliseconds(json, "accept_ms", transaction.Accept);
        JsonValues.WriteShares(json, transaction.Shares);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, TextArena text, TextSpan span)
    {
        json.WritePropertyName(name);
        if (span.Exists)
        {
            WireText.WriteValue(json, text[span]);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteParameters(Utf8JsonWriter json, SessionRecord record, TextSpan parameters)
    {
        json.WriteStartArray("params");
        var text = record.Text[parameters];
        foreach (var range in text.SplitAny(" \t"u8))
        {
            if (!text[range].IsEmpty)
            {
                WireText.WriteValue(json, record.Addresses.ApplyToParameter(text[range]));
            }
        }

        json.WriteEndArray();
    }

    private static void WriteRecipients(Utf8JsonWriter json, SessionRecord record, ReadOnlySpan<ExchangeEntry> exchanges,
        (int Start, int Count) range)
    {
        json.WriteStartArray("recipients");
        foreach (var index in CollectionsMarshal.AsSpan(record.Recipients).Slice(range.Start, range.Count))
        {
            if (ExchangeJson.Find(exchanges, index) is var at and >= 0)
            {
                json.WriteStartObject();
                JsonValues.WriteAddress(json, "to", record, exchanges[at].Text);
                json.WriteNumber("code", exchanges[at].Code);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static string? NameOf(Via via) => via switch
    {
        Via.Data => "DATA",
        Via.Bdat => "BDAT",
        Via.Burl => "BURL",
        _ => null,
    };

    private static string NameOf(TransactionOutcome outcome) => outcome switch
    {
        TransactionOutcome.Delivered => "delivered",
        TransactionOutcome.Failed => "failed",
        TransactionOutcome.Partial => "partial",
        TransactionOutcome.Aborted => "aborted",
        _ => "unknown",
    };
}
