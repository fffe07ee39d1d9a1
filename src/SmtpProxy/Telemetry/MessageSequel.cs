using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry;

/// <summary>What came after a message, or instead of it: lines of it that were taken for commands, a DATA that was granted without the
/// go-ahead, a verdict that nobody asked for. For a diagnosis.</summary>
internal struct MessageSequel
{
    private bool _isAfterMessage;
    private bool _isWithoutGoAhead;
    private bool _isAfterVerdict;
    private bool _isEndInDoubt;

    /// <summary>Lines that were refused as commands, after a message.</summary>
    public int StrayLines { get; private set; }

    /// <summary>A DATA was answered 2yz, and its transaction came to nothing.</summary>
    public bool HadNoGoAhead { get; private set; }

    /// <summary>After a verdict came another reply that answers nothing.</summary>
    public bool HadSurplusVerdict { get; private set; }

    /// <summary>Whether any of it is worth a diagnosis. A client may mistype one command.</summary>
    public readonly bool WentWrong => StrayLines > 1 || HadNoGoAhead || HadSurplusVerdict;

    /// <summary>A command was read. Lines of a message that ended too early have no such verbs.</summary>
    public void Opened(Verb verb)
    {
        _isAfterVerdict = false;
        _isEndInDoubt &= verb != Verb.EndOfData;
        if (verb is Verb.Mail or Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.Quit or Verb.Rset)
        {
            _isAfterMessage = false;
        }
    }

    /// <summary>The relay answered a command.</summary>
    public void Answered(Verb verb, in Reply reply, bool inTransaction)
    {
        if (verb == Verb.Data && reply.Severity == 2)
        {
            (_isWithoutGoAhead, _isAfterMessage) = (inTransaction, true);
        }

        if (reply.Code is < 400 or > 599)
        {
            _isAfterVerdict = false;
        }
        else if (verb is Verb.Unknown or Verb.NotAVerb or Verb.Empty && _isAfterMessage)
        {
            StrayLines++;
        }
    }

    /// <summary>The relay gave a reply that answers no command. After an end that is none it may have found commands in the message
    /// (PROTOCOL 5.5, 5.7), and answers those.</summary>
    public void Unsolicited(in Reply reply) => HadSurplusVerdict |= _isAfterVerdict && reply.Code != 421 && !_isEndInDoubt;

    /// <summary>A transaction ended.</summary>
    public void TransactionEnded(in Transaction transaction, Verdict verdict)
    {
        HadNoGoAhead |= _isWithoutGoAhead && verdict is Verdict.Aborted or Verdict.Reset;
        _isWithoutGoAhead = false;
        _isAfterVerdict = transaction.End == TransactionEnd.FinalReply;
        _isAfterMessage = transaction is { End: TransactionEnd.FinalReply, Via: Via.Data };
    }

    /// <summary>An anomaly was seen.</summary>
    public void Anomalous(Anomaly anomaly) => _isEndInDoubt |= anomaly == Anomaly.NonstandardEod;
}
