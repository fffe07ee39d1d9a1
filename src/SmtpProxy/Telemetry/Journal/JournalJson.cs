using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes a session's record as one JSON object. The names are fixed; docs/telemetry.md explains each.</summary>
internal static class JournalJson
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, SessionRecord record)
    {
        record.Exchanges.Sort(static (a, b) => a.Index != b.Index ? a.Index.CompareTo(b.Index) : a.Part.CompareTo(b.Part));
        var exchanges = CollectionsMarshal.AsSpan(record.Exchanges);
        json.WriteStartObject();
        WriteIdentity(json, record);
        WriteGreeting(json, record.Greeting);
        json.WriteStartArray("exchanges");
        foreach (ref readonly var exchange in exchanges)
        {
            WriteExchange(json, record, exchange);
        }

        json.WriteEndArray();
        json.WriteStartArray("capabilities");
        for (var i = 0; i < record.Capabilities.Count; i++)
        {
            WireText.WriteValue(json, record.Addresses.ApplyToCapability(record.Capabilities[i]));
        }

        json.WriteEndArray();
        json.WriteStartArray("transactions");
        foreach (ref readonly var transaction in CollectionsMarshal.AsSpan(record.Transactions))
        {
            TransactionJson.Write(json, record, transaction);
        }

        json.WriteEndArray();
        if (record.ExchangesDropped > 0 || record.TransactionsDropped > 0)
        {
            json.WriteNumber("exchanges_dropped", record.ExchangesDropped);
            json.WriteNumber("transactions_dropped", record.TransactionsDropped);
        }

        WriteEnd(json, record);
        json.WriteEndObject();
    }

    /// <summary>Where the exchange with this index stands; -1 when it was not kept. Only after sorting.</summary>
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

    /// <summary>Ticks as milliseconds with three decimals; null when no clock ran.</summary>
    public static void WriteMilliseconds(Utf8JsonWriter json, string name, long ticks)
    {
        if (ticks < 0)
        {
            json.WriteNull(name);
        }
        else
        {
            WriteMicroseconds(json, name, Microseconds(ticks));
        }
    }

    /// <summary>The shares and their sum. Each is rounded so that the three add up to the fourth in what is written, too.</summary>
    public static void WriteShares(Utf8JsonWriter json, Shares shares)
    {
        var client = Microseconds(shares.Client);
        var clientAndRelay = Microseconds(shares.Client + shares.Relay);
        var all = Microseconds(shares.Total);
        WriteMicroseconds(json, "duration_ms", all);
        WriteMicroseconds(json, "client_ms", client);
        WriteMicroseconds(json, "relay_ms", clientAndRelay - client);
        WriteMicroseconds(json, "proxy_ms", all - clientAndRelay);
    }

    /// <summary>An address as far as the privacy level allows.</summary>
    public static void WriteAddress(Utf8JsonWriter json, string name, SessionRecord record, TextSpan address)
    {
        json.WritePropertyName(name);
        if (address.Exists && record.Addresses.Apply(record.Text[address]) is { } shown)
        {
            WireText.WriteValue(json, shown);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static long Microseconds(long ticks) => (long)((Int128)ticks * 1_000_000 / Stopwatch.Frequency);

    private static void WriteMicroseconds(Utf8JsonWriter json, string name, long microseconds) =>
        json.WriteNumber(name, new decimal((int)microseconds, (int)(microseconds >> 32), 0, false, 3));

    private static void WriteIdentity(Utf8JsonWriter json, SessionRecord record)
    {
        var ended = record.Started.AddTicks(record.Shares.Total * TimeSpan.TicksPerSecond / Stopwatch.Frequency);
        json.WriteString("time", ended.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteNumber("started_unix", (record.Started.UtcTicks - DateTime.UnixEpoch.Ticks) / (decimal)TimeSpan.TicksPerSecond);
        json.WriteString("session", record.Session.ToString());
        json.WriteString("trace_id", record.TraceId);
        json.WriteString("listener", record.Listener);
        json.WriteString("cluster", record.Cluster);
        json.WriteString("destination", record.Destination);
        json.WriteString("client", Text(record.Client));
        json.WriteString("relay", Text(record.Relay));
        json.WriteString("relay_local", Text(record.RelayLocal));
        json.WriteString("protocol", record.Protocol switch
        {
            DialogueProtocol.Smtp => "smtp",
            DialogueProtocol.Lmtp => "lmtp",
            _ => "unknown",
        });
    }

    private static void WriteGreeting(Utf8JsonWriter json, in ExchangeEntry greeting)
    {
        if (greeting.Lines == 0)
        {
            json.WriteNull("greeting");
            return;
        }

        json.WriteStartObject("greeting");
        WriteReply(json, greeting);
        WriteMilliseconds(json, "ms", greeting.Ticks);
        json.WriteEndObject();
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

    private static void WriteExchange(Utf8JsonWriter json, SessionRecord record, in ExchangeEntry exchange)
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
            WriteOctets(json, "size", exchange.Size);
            json.WriteBoolean("last", exchange.Last);
        }

        if (exchange.RecipientIndex >= 0)
        {
            var all = CollectionsMarshal.AsSpan(record.Exchanges);
            var recipient = Find(all, exchange.RecipientIndex);
            WriteAddress(json, "recipient", record, recipient < 0 ? TextSpan.None : all[recipient].Text);
        }

        WriteMilliseconds(json, "ms", exchange.Ticks);
        json.WriteEndObject();
    }

    /// <summary>A number of octets; null when it is not known.</summary>
    public static void WriteOctets(Utf8JsonWriter json, string name, long octets)
    {
        if (octets < 0)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, octets);
        }
    }

    private static void WriteEnd(Utf8JsonWriter json, SessionRecord record)
    {
        json.WriteString("tls", WireNames.Of(record.Tls));
        json.WriteString("mode", record.IsOpaque ? "opaque" : "tracked");
        WriteOpaque(json, record);
        json.WriteString("final_state", WireNames.Of(record.FinalState));
        json.WriteStartArray("anomalies");
        foreach (var anomaly in record.Anomalies)
        {
            json.WriteStringValue(WireNames.Of(anomaly));
        }

        json.WriteEndArray();
        json.WriteString("outcome", AttributeValues.Of(record.Outcome));
        DiagnosisJson.Write(json, record.Finding);
        WriteFaults(json, record.Faults);
        IntroductionJson.Write(json, record.Introduction);
        TlsJson.Write(json, record);
        json.WriteNumber("client_octets", record.ClientOctets);
        json.WriteNumber("server_octets", record.RelayOctets);
        WriteShares(json, record.Shares);
    }

    private static void WriteOpaque(Utf8JsonWriter json, SessionRecord record)
    {
        if (!record.IsOpaque)
        {
            json.WriteNull("opaque");
            return;
        }

        json.WriteStartObject("opaque");
        json.WriteString("reason", WireNames.Of(record.Opaque.Reason));
        json.WriteString("party", record.Opaque.Party == Party.Client ? "client" : "relay");
        json.WriteNumber("octet", record.Opaque.Octet);
        json.WriteEndObject();
    }

    private static void WriteFaults(Utf8JsonWriter json, List<FaultNote> faults)
    {
        json.WriteStartArray("faults");
        foreach (var fault in faults)
        {
            json.WriteStartObject();
            json.WriteString("rule", fault.Rule);
            json.WriteString("action", fault.Action);
            json.WriteString("point", fault.Point);
            json.WriteString("effect", fault.Effect);
            WriteCode(json, "client_code", fault.ClientCode);
            WriteCode(json, "relay_code", fault.RelayCode);
            json.WriteString("relay_queue_id", fault.RelayQueueId);
            json.WriteNumber("added_ms", Math.Round(fault.AddedDelay.TotalMilliseconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCode(Utf8JsonWriter json, string name, int? code)
    {
        if (code is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
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

    /// <summary>Address and port; IPv4 that came over an IPv6 socket reads as IPv4.</summary>
    private static string? Text(EndPoint? endPoint) => endPoint switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } ip => new IPEndPoint(ip.Address.MapToIPv4(), ip.Port).ToString(),
        UnixDomainSocketEndPoint unix => unix.ToString(),
        _ => endPoint?.ToString(),
    };
}
