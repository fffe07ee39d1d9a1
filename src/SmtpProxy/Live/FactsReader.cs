using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>Reads a record for what its session is found by.</summary>
internal static class FactsReader
{
    private const int MostCodes = 32;
    private const int MostRefusals = 8;
    private const int MostNames = 256;
    private const ulong ScanAnomalies = (1UL << (int)Anomaly.HttpRequest) | (1UL << (int)Anomaly.TlsOnPlaintext)
        | (1UL << (int)Anomaly.NotSmtp);

    /// <summary>Reads it.</summary>
    /// <param name="record">A record that nobody writes to.</param>
    /// <param name="wait">What is waited for and for how many milliseconds; null: the session is over.</param>
    public static SightingFacts Read(SessionRecord record, (string What, double Ms)? wait = null)
    {
        var codes = new List<ushort>();
        var enhanced = new List<EnhancedCode>();
        var refusals = new List<Refused>();
        long slowest = record.Greeting.Lines > 0 ? record.Greeting.Ticks : -1;
        Note(codes, enhanced, refusals, "", record.Greeting);
        foreach (ref readonly var exchange in record.Exchanges.Items)
        {
            slowest = Math.Max(slowest, exchange.Ticks);
            Note(codes, enhanced, refusals, WireNames.Of(exchange.Verb) ?? "?", exchange);
        }

        var messages = new int[(int)Verdict.Aborted + 1];
        var (accepted, rejected, dataReady, accept) = (0, 0, -1L, -1L);
        var (queueIds, messageIds) = (new List<string>(), new List<string>());
        foreach (ref readonly var transaction in CollectionsMarshal.AsSpan(record.Transactions))
        {
            messages[(int)transaction.Verdict]++;
            accepted += transaction.Facts.Accepted;
            rejected += transaction.Facts.Rejected;
            dataReady = dataReady < 0 ? transaction.DataReady : dataReady;
            accept = accept < 0 ? transaction.Accept : accept;
            slowest = Math.Max(slowest, transaction.DataReady);
            Add(queueIds, record.Text, transaction.QueueId);
            Add(messageIds, record.Text, transaction.MessageId);
        }

        var client = record.Client?.Unmapped();
        return new SightingFacts
        {
            Id = record.Session.ToString(),
            Listener = record.Listener,
            Cluster = record.Cluster,
            Destination = record.Destination,
            Client = (client as IPEndPoint)?.Address,
            ClientText = client?.ToString(),
            StartedMs = record.Started.ToUnixTimeMilliseconds(),
            Codes = codes.ToArray(),
            Enhanced = enhanced.ToArray(),
            Refusals = refusals.ToArray(),
            Messages = messages,
            RecipientsAccepted = accepted,
            RecipientsRejected = rejected,
            Outcome = record.IsOngoing ? null : AttributeValues.Of(record.Outcome),
            Diagnosis = record.Finding?.Code,
            Anomalies = record.Anomalies.ToArray(),
            Tls = WireNames.Of(record.Tls),
            TlsVersions = Versions(record),
            IsFaulted = record.Faults.Count > 0,
            SlowestMs = Milliseconds(slowest),
            DataReadyMs = Milliseconds(dataReady),
            AcceptMs = Milliseconds(accept),
            Noise = NoiseOf(record, refusals.Count > 0),
            QueueIds = queueIds.ToArray(),
            MessageIds = messageIds.ToArray(),
            Addresses = AddressesOf(record),
            WaitingFor = wait?.What,
            WaitingMs = wait?.Ms ?? 0,
        };
    }

    /// <summary>Whether anything went wrong in it. Makes nothing, since it is asked of more sessions than are kept.</summary>
    public static bool IsBad(SessionRecord record)
    {
        if (record.Finding is not null || record.Faults.Count > 0 || record.Anomalies.Count > 0
            || record.Greeting is { Lines: > 0, Code: >= 400 })
        {
            return true;
        }

        foreach (ref readonly var exchange in record.Exchanges.Items)
        {
            if (exchange is { Lines: > 0, Code: >= 400 })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ticks as milliseconds; below 0: no clock ran.</summary>
    public static double Milliseconds(long ticks) => ticks < 0 ? -1 : Math.Round(ticks * 1000.0 / Stopwatch.Frequency, 3);

    private static void Note(List<ushort> codes, List<EnhancedCode> enhanced, List<Refused> refusals, string verb,
        in ExchangeEntry exchange)
    {
        if (exchange.Lines == 0)
        {
            return;
        }

        if (codes.Count < MostCodes && !codes.Contains(exchange.Code))
        {
            codes.Add(exchange.Code);
        }

        if (exchange.Enhanced.IsPresent && enhanced.Count < MostCodes && !enhanced.Contains(exchange.Enhanced))
        {
            enhanced.Add(exchange.Enhanced);
        }

        if (exchange.Code < 400)
        {
            return;
        }

        for (var n = 0; n < refusals.Count; n++)
        {
            if (refusals[n] with { Count = 1 } == new Refused(verb, exchange.Code, exchange.Enhanced, exchange.Origin, 1))
            {
                refusals[n] = refusals[n] with { Count = refusals[n].Count + 1 };
                return;
            }
        }

        if (refusals.Count < MostRefusals)
        {
            refusals.Add(new Refused(verb, exchange.Code, exchange.Enhanced, exchange.Origin, 1));
        }
    }

    private static void Add(List<string> names, TextArena text, TextSpan span)
    {
        if (span is { Exists: true, Length: > 0 } && names.Count < MostNames)
        {
            names.Add(WireText.Of(text[span]));
        }
    }

    private static string[] AddressesOf(SessionRecord record)
    {
        var addresses = new List<string>();
        if (!record.Addresses.Shows)
        {
            return [];
        }

        foreach (ref readonly var exchange in record.Exchanges.Items)
        {
            if (exchange.Verb is Verb.Mail or Verb.Rcpt && addresses.Count < MostNames && exchange.Text.Exists
                && record.Addresses.Apply(record.Text[exchange.Text]) is { Length: > 0 } shown && WireText.Of(shown) is var address
                    && !addresses.Contains(address))
            {
                addresses.Add(address);
            }
        }

        return addresses.ToArray();
    }

    private static string[] Versions(SessionRecord record)
    {
        var versions = new List<string>();
        foreach (var note in (ReadOnlySpan<HandshakeNote?>)[record.ClientTls, record.RelayTls])
        {
            if (note is { Failure: null } && TlsInstruments.VersionOf(note.Version) is { } version && !versions.Contains(version))
            {
                versions.Add(version);
            }
        }

        return versions.ToArray();
    }

    private static Noise NoiseOf(SessionRecord record, bool isRefused)
    {
        foreach (var anomaly in record.Anomalies)
        {
            if ((ScanAnomalies >> (int)anomaly & 1) != 0)
            {
                return Noise.Scan;
            }
        }

        if (isRefused || record.Part > 0 || record.IsOngoing || record.Finding is not null || record.IsOpaque || record.Faults.Count > 0
            || record.Outcome is not (SessionOutcome.Quit or SessionOutcome.ClientGone))
        {
            return Noise.None;
        }

        foreach (ref readonly var exchange in record.Exchanges.Items)
        {
            if (exchange.Verb is not (Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.Noop or Verb.Rset or Verb.Quit))
            {
                return Noise.None;
            }
        }

        return Noise.HealthCheck;
    }
}
