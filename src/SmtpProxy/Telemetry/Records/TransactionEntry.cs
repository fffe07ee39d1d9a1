using System.Diagnostics;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Records;

/// <summary>One transaction as the journal keeps it.</summary>
internal struct TransactionEntry
{
    /// <summary>As the protocol library settled it.</summary>
    public Transaction Facts;

    /// <summary>Its recipients among <see cref="SessionRecord.Recipients"/>.</summary>
    public (int Start, int Count) Recipients;

    /// <summary>Its final codes among <see cref="SessionRecord.FinalCodes"/>.</summary>
    public (int Start, int Count) FinalCodes;

    /// <summary>The relay's name for the message.</summary>
    public TextSpan QueueId;

    /// <summary>The message's own name, where it is read.</summary>
    public TextSpan MessageId;

    /// <summary>The sender's trace, where it is read; otherwise the default value.</summary>
    public ActivityContext Sender;

    /// <summary>Times in ticks, -1 = no clock ran.</summary>
    public long DataReady;

    public long Body;
    public long Accept;

    /// <summary>From its MAIL to its end.</summary>
    public Shares Shares;

    /// <summary>The outcome for metrics and traces.</summary>
    public Verdict Verdict;

    /// <summary>When it ended, in ticks of the monotonic clock.</summary>
    public long Ended;

    /// <summary><see cref="ExchangeEntry.Index"/> of its last exchange.</summary>
    public int LastIndex;
}
