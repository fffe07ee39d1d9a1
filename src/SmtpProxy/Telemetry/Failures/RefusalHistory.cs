using SmtpProxy.Codes;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Failures;

/// <summary>The refusals of a session, from which a diagnosis is made. Created with the first refusal: most sessions have none.</summary>
internal sealed class RefusalHistory
{
    private readonly RefusalNote _now = new();
    private readonly RefusalNote _decisive = new();
    private readonly RefusalNote _latest = new();
    private readonly RefusalNote _setup = new();
    private readonly RefusalNote _recipient = new();
    private readonly RefusalNote _message = new();
    private readonly RefusalNote _closing = new();

    /// <summary>Whether a refusal made a message fail.</summary>
    public bool IsDecided => _decisive.IsSet;

    /// <summary>Whether there is a refusal that the client may still find a way around.</summary>
    public bool IsPending => _message.IsSet || _recipient.IsSet || _setup.IsSet;

    /// <summary>Why the proxy ended the session, where its own reply does not say it; null: it did not, or the reply says it.</summary>
    public SessionBreak? EndedBecause { get; set; }

    /// <summary>A command by which the client would speak for others was kept from the relay.</summary>
    public bool SpokeForOthers { get; private set; }

    /// <summary>The refusal that says most of why the session failed; null = none.</summary>
    public RefusalReply? Read() => _decisive.Read() ?? _message.Read() ?? _recipient.Read() ?? _setup.Read() ?? _closing.Read();

    /// <summary>The refusal that made the first message fail since this was asked last; null = none did.</summary>
    public RefusalReply? TakeLatest()
    {
        var latest = _latest.Read();
        _latest.Clear();
        return latest;
    }

    /// <summary>A line of a refusal before its last.</summary>
    public void Line(ReadOnlySpan<byte> text) => _now.Add(text);

    /// <summary>A refusal is complete.</summary>
    /// <param name="operation">What is refused.</param>
    /// <param name="reply">The refusal.</param>
    /// <param name="inTransaction">A transaction is open.</param>
    /// <param name="isOurs">The proxy refuses it, in the relay's place.</param>
    /// <param name="isMessage">It is a message, or a part of one, that the relay is to fetch (BURL).</param>
    public void Refused(Operation operation, in Reply reply, bool inTransaction, bool isOurs = false, bool isMessage = false)
    {
        // The only 550 that the proxy says; the verb may be written so that it is none.
        SpokeForOthers |= isOurs && reply.Code == 550;
        _now.Set(operation, reply, isOurs);
        switch (operation)
        {
            case Operation.Rcpt when inTransaction:
                // What is refused for now is what the client will try again.
                Note(_recipient, !_recipient.IsSet || (_recipient.Code >= 500 && reply.Code < 500));
                break;
            case Operation.Data or Operation.Bdat or Operation.EndOfData when inTransaction:
                // Once a chunk is refused, those after it are refused because of that.
                Note(_message, _message is not { IsSet: true, Operation: Operation.Bdat });
                break;
            case Operation.Other when isMessage && inTransaction:
                Note(_message, !_message.IsSet);
                break;
            case Operation.Mail:
                KeepMail();
                Note(_setup, !_setup.IsSet || _setup.Operation is not (Operation.Auth or Operation.StartTls));
                break;
            case Operation.Greeting or Operation.Ehlo or Operation.StartTls or Operation.Auth or Operation.Rcpt or Operation.Data
                or Operation.Bdat:
                Note(_setup, !_setup.IsSet);
                break;
            default:
                Note(_closing, !_closing.IsSet && reply.Code == 421);
                break;
        }

        _now.Clear();
    }

    /// <summary>Something was granted: refusals of the same thing have come to nothing.</summary>
    public void Granted(Operation operation)
    {
        if (operation == Operation.Mail)
        {
            KeepMail();
            _setup.Clear();
            _recipient.Clear();
            _message.Clear();
        }
        else if (_setup.Operation == operation)
        {
            _setup.Clear();
        }
    }

    /// <summary>A transaction ended.</summary>
    public void Ended(in Transaction transaction, Verdict verdict)
    {
        if (verdict is Verdict.Tempfail or Verdict.Permfail or Verdict.Partial)
        {
            // DATA after nothing but refused recipients is refused because of them.
            var (first, second) = transaction.Accepted == 0 ? (_recipient, _message) : (_message, _recipient);
            var decides = first.IsSet ? first : second;
            if (!IsDecided)
            {
                _decisive.Copy(decides);
            }

            if (!_latest.IsSet)
            {
                _latest.Copy(decides);
            }
        }

        if (verdict != Verdict.Aborted)
        {
            _recipient.Clear();
            _message.Clear();
        }
    }

    private void Note(RefusalNote place, bool wanted)
    {
        if (wanted)
        {
            place.Copy(_now);
        }
    }

    /// <summary>A MAIL that was refused is a message that failed, unless the client was only told what to do first.</summary>
    private void KeepMail()
    {
        if (_setup is { Operation: Operation.Mail, Code: not (0 or 530 or 538 or 555 or >= 500 and < 505) } && !IsDecided)
        {
            _decisive.Copy(_setup);
        }
    }
}
