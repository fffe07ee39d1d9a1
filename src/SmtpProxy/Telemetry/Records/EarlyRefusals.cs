using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Records;

/// <summary>What refused a transaction before its message was sent. Journal and protocol call such a transaction aborted, because the
/// client withdraws it; whoever asks whether mail flows wants to know that the relay would not have it. Where every recipient was refused,
/// they decide: what is said to a pipelined DATA after that, or to the message that follows it, only repeats it (RFC 2920 3.1).</summary>
internal struct EarlyRefusals
{
    private bool _recipientForNow;
    private ushort _data;

    /// <summary>An exchange of the open transaction was answered.</summary>
    public void Answered(in Exchange exchange, ushort code)
    {
        var refused = code is >= 400 and < 600;
        if (exchange.Verb == Verb.Rcpt)
        {
            _recipientForNow |= refused && code < 500;
        }
        else if (refused && exchange.Verb == Verb.Data)
        {
            _data = code;
        }
    }

    /// <summary>The outcome of a transaction that has ended.</summary>
    public readonly Verdict Of(in Transaction transaction) => transaction.Outcome switch
    {
        TransactionOutcome.Delivered => Verdict.Accepted,
        TransactionOutcome.Partial => Verdict.Partial,
        TransactionOutcome.Unknown => Verdict.Aborted,
        _ when transaction is { Accepted: 0, Rejected: > 0 } => _recipientForNow ? Verdict.Tempfail : Verdict.Permfail,
        TransactionOutcome.Failed => transaction.RefusalCode / 100 == 4 ? Verdict.Tempfail : Verdict.Permfail,
        _ when _data != 0 => _data < 500 ? Verdict.Tempfail : Verdict.Permfail,
        _ => transaction.End is TransactionEnd.Reset or TransactionEnd.Quit ? Verdict.Reset : Verdict.Aborted,
    };
}
