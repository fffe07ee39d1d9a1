using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes the greeting, and one exchange, of the journal.</summary>
internal static class ExchangeJson
{
    public static void WriteGreeting(Utf8JsonWriter json, SessionRecord record, bool isPlaced)
    {
        ref readonly var greeting = ref record.Greeting;
        if (greeting.Lines == 0)
        {
            json.WriteNull("greeting");
            return;
        }

        json.WriteStartObject("greeting");
        WriteReply(json, greeting);
        JsonValues.WriteMilliseconds(json, "ms", greeting.Ticks);
        WritePlace(json, record, greeting, isPlaced);
        json.WriteEndObject();
    }

    /// <summary>Writes an exchange.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="record">Its session.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="isPlaced">Whether it says when it was, from the session's start.</param>
    public static void Write(Utf8JsonWriter json, SessionRecord record, in ExchangeEntry exchange, bool isPlaced = false)
    {
        json.WriteStartObject();
        json.WritePropertyName("verb");
        if (WireNames.Of(exchange.Verb) is { } verb)
        {
            json.WriteStringValue(verb);
        }
        else
        {
            WriteUpper(json, record.Text[exchange.Text]);
        }

        WriteReply(json, exchange);
        json.WriteBoolean("pipelined", exchange.Pipelined);
        if (exchange.Verb == Verb.Auth)
        {
            json.WritePropertyName("mechanism");
            WriteUpper(json, record.Text[exchange.Text]);
            json.WriteNumber("challenges", exchange.Challenges);
        }

        if (exchange.Verb == Verb.Bdat)
        {
            JsonValues.WriteOctets(json, "size", exchange.Size);
            if (exchange.Size < 0)
            {
                json.WriteNull("last");
            }
            else
            {
                json.WriteBoolean("last", exchange.Last);
            }
        }

        if (exchange.RecipientIndex >= 0)
        {
            var all = record.Exchanges.Items;
            var recipient = Find(all, exchange.RecipientIndex);
            JsonValues.WriteAddress(json, "recipient", record, recipient < 0 ? TextSpan.None : all[recipient].Text);
        }

        JsonValues.WriteMilliseconds(json, "ms", exchange.Ticks);
        WritePlace(json, record, exchange, isPlaced);
        json.WriteEndObject();
    }

    /// <summary>Returns where the exchange with this index stands; -1 when it was not kept. The exchanges must be sorted.</summary>
    public static int Find(ReadOnlySpan<ExchangeEntry> exchanges, int index)
    {
        var (low, high) = (0, exchanges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (exchanges[middle].Index == index && exchanges[middle].Part == 0)
            {
                return middle;
            }

            (low, high) = exchanges[middle].Index < index ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private static void WritePlace(Utf8JsonWriter json, SessionRecord record, in ExchangeEntry exchange, bool isPlaced)
    {
        if (isPlaced)
        {
            JsonValues.WriteMilliseconds(json, "at_ms", exchange.Began < 0 ? -1 : Math.Max(0, exchange.Began - record.StartedAt));
            JsonValues.WriteMilliseconds(json, "end_ms", exchange.Ended < 0 ? -1 : Math.Max(0, exchange.Ended - record.StartedAt));
        }
    }

    private static void WriteReply(Utf8JsonWriter json, in ExchangeEntry exchange)
    {
        if (exchange.Lines == 0)
        {
            json.WriteNull("code");
        }
        else
        {
            json.WriteNumber("code", exchange.Code);
        }

        json.WriteString("enhanced", exchange.Enhanced.IsPresent ? exchange.Enhanced.ToString() : null);
        json.WriteNumber("lines", exchange.Lines);
        if (exchange.Origin != Origin.Relay)
        {
            json.WriteString("origin", AttributeValues.Of(exchange.Origin));
        }
    }

    private static void WriteUpper(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        Span<byte> upper = stackalloc byte[text.Length];
        if (Ascii.ToUpper(text, upper, out var written) == System.Buffers.OperationStatus.Done)
        {
            json.WriteStringValue(upper[..written]);
        }
        else
        {
            WireText.WriteValue(json, text);
        }
    }
}
