using SmtpProxy.Codes;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry;

/// <summary>What became of a session's attempts to send mail where no verdict tells it: those that came to no transaction, and transactions
/// that were aborted. Without them an outage in which nobody gets as far as MAIL would look like a quiet night.</summary>
internal struct AttemptTrack
{
    /// <summary>A client that leaves earlier just left; later, it had waited.</summary>
    private const double WaitedMilliseconds = 2000;

    private int _aborted;
    private bool _isServed;
    private bool _isDeferred;
    private bool _isRefused;
    private bool _isOwed;

    /// <summary>MAIL was accepted.</summary>
    public void TransactionOpened() => _isServed = true;

    /// <summary>An exchange was answered.</summary>
    public void Answered(in Exchange exchange, in Reply reply, Origin origin, SessionMetrics metrics)
    {
        if (reply.Severity == 4 && exchange.Verb == Verb.Mail)
        {
            // Each is an attempt of its own, however many the session makes.
            metrics.Unserved(origin == Origin.Fault ? AttemptCause.Fault : AttemptCause.Deferred);
            _isServed = true;
        }
        else if (exchange.Verb is Verb.Greeting or Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.Auth)
        {
            _isDeferred = reply.Severity == 4;
        }

        _isRefused |= reply.Severity == 5;
    }

    /// <summary>The reply to this exchange will not come.</summary>
    public void Unanswered(in Exchange exchange) =>
        _isOwed |= exchange.Verb is not (Verb.Quit or Verb.Rset or Verb.Noop or Verb.Vrfy)
        && (exchange.Verb != Verb.EndOfData || Clocks.Marks.IsComplete(exchange));

    /// <summary>A transaction was aborted.</summary>
    public void Aborted(in Transaction transaction, SessionMetrics metrics)
    {
        if (transaction.End == TransactionEnd.ConnectionEnded)
        {
            _aborted++;
        }
        else
        {
            metrics.Aborted(AttemptCause.Unseen, 1);
        }
    }

    /// <summary>The session is over.</summary>
    /// <param name="isSeen">Whether it was followed to its end; what became of one that was not is not known.</param>
    /// <param name="how">How its connections ended.</param>
    /// <param name="dial">What came of its last dial, where no relay was reached.</param>
    /// <param name="hasQuit">Whether QUIT was answered.</param>
    /// <param name="quietMilliseconds">How long nothing had been read before that; below 0: not known.</param>
    /// <param name="metrics">Where it is counted.</param>
    public readonly void Over(bool isSeen, SessionBreak how, DialOutcome dial, bool hasQuit, double quietMilliseconds,
        SessionMetrics metrics)
    {
        if (!isSeen)
        {
            return;
        }

        var hadWaited = _isOwed && quietMilliseconds >= WaitedMilliseconds;
        if (_aborted > 0)
        {
            metrics.Aborted(WhyAborted(how, hadWaited), _aborted);
        }
        else if (!_isServed && (!hasQuit || _isDeferred) && WhyUnserved(how, dial, hadWaited) is { } cause)
        {
            metrics.Unserved(cause);
        }
    }

    private static AttemptCause WhyAborted(SessionBreak how, bool hadWaited) => how switch
    {
        SessionBreak.Fault => AttemptCause.Fault,
        SessionBreak.RelayGone or SessionBreak.NotConnected => AttemptCause.RelayGone,
        SessionBreak.RelaySilent => AttemptCause.RelaySilent,
        SessionBreak.ClientSilent => AttemptCause.ClientSilent,
        SessionBreak.Stopping => AttemptCause.Shutdown,
        SessionBreak.Insecure or SessionBreak.Unidentified => AttemptCause.Guard,
        _ => hadWaited ? AttemptCause.GaveUp : AttemptCause.ClientGone,
    };

    private readonly AttemptCause? WhyUnserved(SessionBreak how, DialOutcome dial, bool hadWaited) => how switch
    {
        SessionBreak.Fault => AttemptCause.Fault,
        SessionBreak.NotConnected => dial == DialOutcome.Drained ? AttemptCause.Drained : AttemptCause.ConnectFailed,
        SessionBreak.Capped => AttemptCause.Limit,
        SessionBreak.RelaySilent => AttemptCause.RelaySilent,
        SessionBreak.RelayGone or SessionBreak.ClientGone or SessionBreak.Quit when _isDeferred => AttemptCause.Deferred,
        // A relay that has refused the client for good hangs up on it, and a policy is no outage.
        SessionBreak.RelayGone when _isOwed && !_isRefused => AttemptCause.RelayGone,
        SessionBreak.ClientGone when hadWaited => AttemptCause.GaveUp,
        _ => null,
    };
}
