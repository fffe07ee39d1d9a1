using System.Globalization;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Names failures in traces, as <c>error.type</c>. A 450 to RCPT, as from greylisting, is normal life:
/// the client comes again.</summary>
internal static class ErrorTypes
{
    /// <summary><c>error.type</c> of a transaction; null when it did not fail.</summary>
    public static string? Of(in TransactionEntry transaction) => transaction.Verdict switch
    {
        Verdict.Aborted => transaction.Facts.Outcome == TransactionOutcome.Unknown ? "verdict_unknown" : "aborted",
        Verdict.Partial => "partial",
        // Recipients are greylisted, whatever a pipelined DATA is told then.
        Verdict.Tempfail or Verdict.Permfail when transaction.Facts is { Accepted: 0, Rejected: > 0 } =>
            transaction.Verdict == Verdict.Permfail ? "permfail" : null,
        Verdict.Tempfail or Verdict.Permfail when transaction.Facts.RefusalCode is not 0 and var code =>
            code.ToString(CultureInfo.InvariantCulture),
        Verdict.Permfail => "permfail",
        Verdict.Tempfail => "tempfail",
        _ => null,
    };

    /// <summary><c>error.type</c> of a session; null when it ended in order.</summary>
    public static string? Of(SessionRecord record)
    {
        if (IsAbort(record.Outcome) || record.Outcome == SessionOutcome.Refused)
        {
            return AttributeValues.Of(record.Outcome);
        }

        return record.FirstFailure;
    }

    /// <summary>Whether a session that ended like this was cut short. A client that leaves between transactions without QUIT is not worth a
    /// trace: load balancers do it all day.</summary>
    public static bool IsAbort(SessionOutcome outcome) =>
        outcome is SessionOutcome.RelayGone or SessionOutcome.Timeout or SessionOutcome.ConnectFailed or SessionOutcome.Fault;
}
