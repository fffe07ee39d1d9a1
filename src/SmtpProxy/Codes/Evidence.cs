using System.Globalization;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using Pair = System.Collections.Generic.KeyValuePair<string, string>;

namespace SmtpProxy.Codes;

/// <summary>What a diagnosis rests on, fit to be written down: codes and names, never text from the wire.</summary>
internal static class Evidence
{
    private static readonly Anomaly[] Telling =
    [
        Anomaly.EarlyTalker, Anomaly.PipeliningUnadvertised, Anomaly.PipeliningSyncViolation, Anomaly.HttpRequest, Anomaly.TlsOnPlaintext,
        Anomaly.NotSmtp,
        Anomaly.NonstandardEod, Anomaly.TruncatedData, Anomaly.BareLfData, Anomaly.NonTlsAfterStartTls, Anomaly.UnexpectedDataReply,
        Anomaly.UnsolicitedReply,
    ];

    public static IReadOnlyList<Pair> Of(FailureFacts facts, TextEntry? known)
    {
        List<Pair> all = [];
        if (facts.Refusal is { } refusal)
        {
            Add(all, "operation", WireNames.Of(refusal.Operation));
            Add(all, "code", refusal.Code.ToString(CultureInfo.InvariantCulture));
            if (refusal.Enhanced.IsPresent)
            {
                Add(all, "enhanced", refusal.Enhanced.ToString());
            }

            if (refusal.IsOurs)
            {
                Add(all, "answered_by", "proxy");
            }
        }

        if (known is not null)
        {
            Add(all, "phrase", known.Name);
            // Words that several products use do not tell whose they are.
            if (!known.Provider.Contains(','))
            {
                Add(all, "provider", known.Provider);
            }
        }

        if (facts.Break == SessionBreak.NotConnected)
        {
            Add(all, "dial", DialName(facts.Dial));
        }
        else if (facts.Stopped is { } stopped)
        {
            Add(all, "waiting_in", WireNames.Of(stopped));
        }

        if (EndedBy(facts.Break) is { } by)
        {
            Add(all, "ended_by", by);
        }

        if (facts.QuietMilliseconds >= 0
            && facts.Break is SessionBreak.ClientGone or SessionBreak.RelayGone or SessionBreak.ClientSilent or SessionBreak.RelaySilent)
        {
            Add(all, "quiet_ms", Math.Round(facts.QuietMilliseconds).ToString(CultureInfo.InvariantCulture));
        }

        if (facts is { Greeted: false, RelayPort: > 0 })
        {
            Add(all, "relay_port", facts.RelayPort.ToString(CultureInfo.InvariantCulture));
        }

        if (facts.RelayBegan is not (FirstOctets.None or FirstOctets.Smtp))
        {
            Add(all, "relay_began_with", facts.RelayBegan.ToString().ToUpperInvariant());
        }

        if (facts.TlsAlert is { } alert)
        {
            Add(all, "tls_alert", Octets.AlertName(alert));
            Add(all, "tls_alert_of", facts.AlertOfClient ? "client" : "relay");
        }

        if (facts.TlsStoppedAt is { } at)
        {
            Add(all, "tls_handshake_at", at switch
            {
                TlsProgress.Begun => "begun",
                TlsProgress.ClientHello => "client_hello",
                _ => "server_hello",
            });
        }

        if (facts.TlsError is { } error)
        {
            Add(all, "tls_error", error);
            Add(all, "tls_error_of", facts.TlsErrorOfClient ? "client" : "relay");
        }

        if (facts.StrayLines > 0)
        {
            Add(all, "lines_behind_the_end", facts.StrayLines.ToString(CultureInfo.InvariantCulture));
        }

        var seen = Telling.Where(facts.Saw).Select(WireNames.Of).ToArray();
        if (seen.Length > 0)
        {
            Add(all, "anomalies", string.Join(' ', seen));
        }

        return all;
    }

    private static string DialName(DialOutcome dial) => dial switch
    {
        DialOutcome.NameUnresolved => "name_unresolved",
        DialOutcome.Drained => "drained",
        DialOutcome.Refused => "connection_refused",
        DialOutcome.TimedOut => "timeout",
        DialOutcome.Unreachable => "unreachable",
        DialOutcome.TlsFailed => "tls",
        DialOutcome.NotDialled => "local_resources",
        DialOutcome.GreetingFailed => "greeting",
        DialOutcome.IntroductionFailed or DialOutcome.IntroductionRefused => "introduction",
        _ => "no_relay",
    };

    private static void Add(List<Pair> all, string name, string value) => all.Add(new Pair(name, value));

    private static string? EndedBy(SessionBreak how) => how switch
    {
        SessionBreak.ClientGone => "client",
        SessionBreak.RelayGone => "relay",
        SessionBreak.ClientSilent => "limit on the client's silence",
        SessionBreak.RelaySilent => "limit on the relay's silence",
        _ => null,
    };
}
