using System.Globalization;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tests.Differential;

namespace SmtpProxy.FunctionalTests.Differential;

/// <summary>What <c>/metrics</c> says of sessions, against the sums of what is true of each.</summary>
internal static class MetricsDifferences
{
    /// <summary>What differs, in words.</summary>
    public static async Task<List<string>> OfAsync(ProxyProcess proxy, IReadOnlyList<(string Listener, Script Script)> plays)
    {
        var metrics = await Metrics.ReadAsync(proxy);
        var differences = new List<string>();
        foreach (var group in plays.GroupBy(static p => p.Listener, static p => p.Script))
        {
            var truths = group.Select(static s => s.Truth).ToList();
            (string, string) listener = ("smtpproxy_listener", group.Key);
            Compare("sessions", metrics.Sum("smtpproxy_sessions_total", listener), truths.Count, truths.Count);
            var replies = truths.SelectMany(static t => t.Replies).CountBy(static r => r.Code);
            foreach (var (code, count) in replies)
            {
                Compare($"replies {code}", metrics.Sum("smtpproxy_replies_total", listener,
                    ("smtp_response_status_code", code.ToString(CultureInfo.InvariantCulture)), ("smtpproxy_origin", "relay")), count,
                    count);
            }

            var transactions = truths.Sum(static t => t.Outcomes.Count);
            Compare("transactions", metrics.Sum("smtpproxy_transactions_total", listener), transactions, transactions);
            var delivered = truths.Sum(static t => t.Outcomes.Count(static o => o == "delivered"));
            Compare("accepted", metrics.Sum("smtpproxy_transactions_total", listener, ("smtpproxy_outcome", "accepted")), delivered,
                delivered);
            foreach (var anomaly in truths.SelectMany(static t => t.Anomalies.Must.Concat(t.Anomalies.May)).Distinct())
            {
                // One session reports each at least once; a message, or a line, each of its own.
                var must = truths.Count(t => t.Anomalies.Must.Contains(anomaly));
                Compare($"anomaly {anomaly}", metrics.Sum("smtpproxy_anomalies_total", listener, ("smtpproxy_anomaly", anomaly)), must,
                    double.MaxValue);
            }

            void Compare(string what, double got, double least, double most)
            {
                if (got < least || got > most)
                {
                    differences.Add($"{group.Key}, {what}: want {least}, got {got}");
                }
            }
        }

        return differences;
    }
}
