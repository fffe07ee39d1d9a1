using System.Diagnostics;
using System.Text.Json;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Writes values that several objects of the journal have.</summary>
internal static class JsonValues
{
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

    /// <summary>A reply code; null when there was no reply.</summary>
    public static void WriteCode(Utf8JsonWriter json, string name, int? code)
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

    private static long Microseconds(long ticks) => (long)((Int128)ticks * 1_000_000 / Stopwatch.Frequency);

    private static void WriteMicroseconds(Utf8JsonWriter json, string name, long microseconds) =>
        json.WriteNumber(name, new decimal((int)microseconds, (int)(microseconds >> 32), 0, false, 3));
}
