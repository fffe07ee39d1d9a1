using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes a session's record as one JSON object. The names are fixed; docs/telemetry.md explains each.</summary>
internal static class JournalJson
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, SessionRecord record)
    {
        json.WriteStartObject();
        WriteIdentity(json, record);
        WriteDialogue(json, record, int.MaxValue, isPlaced: false);
        WriteEnd(json, record);
        json.WriteEndObject();
    }

    /// <summary>Writes what was said: from <c>greeting</c> to <c>transactions_dropped</c>.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="record">The session.</param>
    /// <param name="most">Exchanges, and transactions, that are written; of more the first and the last.</param>
    /// <param name="isPlaced">Whether each exchange says when it was, beside how long it took.</param>
    public static void WriteDialogue(Utf8JsonWriter json, SessionRecord record, int most, bool isPlaced)
    {
        record.Exchanges.Items.Sort(static (a, b) => a.Index != b.Index ? a.Index.CompareTo(b.Index) : a.Part.CompareTo(b.Part));
        var exchanges = record.Exchanges.Items;
        ExchangeJson.WriteGreeting(json, record, isPlaced);
        json.WriteStartArray("exchanges");
        for (var n = 0; n < exchanges.Length; n++)
        {
            if (IsShown(n, exchanges.Length, most))
            {
                ExchangeJson.Write(json, record, exchanges[n], isPlaced);
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("capabilities");
        for (var i = 0; i < record.Capabilities.Count; i++)
        {
            WireText.WriteValue(json, record.Addresses.ApplyToCapability(record.Capabilities[i]));
        }

        json.WriteEndArray();
        json.WriteStartArray("transactions");
        var transactions = CollectionsMarshal.AsSpan(record.Transactions);
        for (var n = 0; n < transactions.Length; n++)
        {
            if (IsShown(n, transactions.Length, most))
            {
                TransactionJson.Write(json, record, transactions[n]);
            }
        }

        json.WriteEndArray();
        var (exchangesDropped, transactionsDropped) =
            (record.ExchangesDropped + Math.Max(0, exchanges.Length - most),
                record.TransactionsDropped + Math.Max(0, transactions.Length - most));
        if (exchangesDropped > 0 || transactionsDropped > 0)
        {
            json.WriteNumber("exchanges_dropped", exchangesDropped);
            json.WriteNumber("transactions_dropped", transactionsDropped);
        }
    }

    /// <summary>Writes whose session it is: from <c>time</c> to <c>protocol</c>.</summary>
    public static void WriteIdentity(Utf8JsonWriter json, SessionRecord record)
    {
        var ended = record.Started.AddTicks(record.Shares.Total * TimeSpan.TicksPerSecond / Stopwatch.Frequency);
        json.WriteString("time", ended.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteNumber("started_unix", (record.Started.UtcTicks - DateTime.UnixEpoch.Ticks) / (decimal)TimeSpan.TicksPerSecond);
        json.WriteString("session", record.Session.ToString());
        if (record.Part > 0)
        {
            json.WriteNumber("part", record.Part);
        }

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

    /// <summary>Writes how it ended, or stands: from <c>tls</c> to <c>proxy_ms</c>.</summary>
    public static void WriteEnd(Utf8JsonWriter json, SessionRecord record)
    {
        json.WriteString("tls", WireNames.Of(record.Tls));
        json.WriteString("mode", record.IsOpaque ? "opaque" : "tracked");
        WriteOpaque(json, record);
        json.WriteString("final_state", record.IsOngoing ? null : WireNames.Of(record.FinalState));
        json.WriteStartArray("anomalies");
        foreach (var anomaly in record.Anomalies)
        {
            json.WriteStringValue(WireNames.Of(anomaly));
        }

        json.WriteEndArray();
        json.WriteString("outcome", record.IsOngoing ? null : AttributeValues.Of(record.Outcome));
        DiagnosisJson.Write(json, record.Finding);
        FaultJson.Write(json, record.Faults);
        IntroductionJson.Write(json, record.Introduction);
        TlsJson.Write(json, record);
        json.WriteNumber("client_octets", record.ClientOctets);
        json.WriteNumber("server_octets", record.RelayOctets);
        JsonValues.WriteShares(json, record.Shares);
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
        json.WriteString("party", record.Opaque.Leg == Leg.Client ? "client" : "relay");
        json.WriteNumber("octet", record.Opaque.Octet);
        json.WriteEndObject();
    }

    private static bool IsShown(int n, int count, int most) => count <= most || n < most / 2 || n >= count - (most - (most / 2));

    /// <summary>Address and port; IPv4 that came over an IPv6 socket reads as IPv4.</summary>
    private static string? Text(EndPoint? endPoint) => endPoint?.Unmapped().ToString();
}
