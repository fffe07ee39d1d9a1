using System.Net;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Failures;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>What a session leaves for a diagnosis. As long as it goes well this is a few fields, and nothing is allocated.</summary>
internal struct FailureEvidence
{
    private const ulong WrongProtocol = (1UL << (int)Anomaly.HttpRequest) | (1UL << (int)Anomaly.TlsOnPlaintext)
        | (1UL << (int)Anomaly.NotSmtp);

    private RefusalHistory? _refusals;
    private EndPoint? _relay;
    private string? _rule;
    private ulong _anomalies;
    private long _endedAt;
    private long _connectedAt;
    private int _relayPort;
    private int _delivered;
    private ushort _proxyCode;
    private DialOutcome _dial;
    private FirstOctets _relayBegan;
    private Operation? _stopped;
    private Owner? _waitedFor;
    private DialOutcome? _none;
    private bool _hasLegEnded;
    private bool _isGreeted;
    private bool _isCut;
    private bool _isRefusedByFault;
    private MessageSequel _sequel;

    /// <summary>Whether a fault was injected.</summary>
    public bool IsFaulted { get; private set; }

    /// <summary>A fault was injected.</summary>
    public void Injected(string rule) => (IsFaulted, _rule) = (true, rule);

    /// <summary>A relay is being dialled there; null: not known.</summary>
    public void Dialling(EndPoint? relay) => _relay = relay;

    /// <summary>A dial is over.</summary>
    public void Dialled(in DialResult dial, long at)
    {
        _dial = dial.Outcome;
        if (dial.Outcome == DialOutcome.Connected)
        {
            (_connectedAt, _relayPort) = (at, (dial.Remote as IPEndPoint)?.Port ?? 0);
        }
    }

    /// <summary>Octets of a leg were read: the relay's first ones show what it speaks.</summary>
    public void Read(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Relay && _relayBegan == FirstOctets.None)
        {
            _relayBegan = Octets.Recognise(octets);
        }
    }

    /// <summary>A leg's stream ended. The first to end shows when the session did.</summary>
    public void LegEnded(long at)
    {
        if (!_hasLegEnded)
        {
            (_hasLegEnded, _endedAt) = (true, at);
        }
    }

    /// <summary>Octets of the proxy's own were sent. Where they say that the session is over, this is when.</summary>
    public void Spoke(long at)
    {
        if (_endedAt == 0 && _proxyCode != 0)
        {
            _endedAt = at;
        }
    }

    /// <summary>The client was turned away with this reply and did not hear it.</summary>
    public void TurnedAwayUnheard(ReadOnlySpan<byte> reply)
    {
        _proxyCode = ReplyLine.TryParse(reply.TrimEnd("\r\n"u8), out var line) ? (ushort)line.Code : (ushort)0;
        _stopped = Operation.Greeting;
    }

    /// <summary>The proxy ends the session, and the client may not hear it: it had to have TLS, or else must not speak for others, and
    /// neither can be seen.</summary>
    public void EndedFor(bool tls) =>
        (_refusals ??= new RefusalHistory()).EndedBecause ??= tls ? SessionBreak.Insecure : SessionBreak.Unidentified;

    /// <summary>A command was read.</summary>
    public void Opened(Verb verb) => _sequel.Opened(verb);

    /// <summary>A line of a refusal before its last.</summary>
    public void RefusalLine(ReadOnlySpan<byte> text) => (_refusals ??= new RefusalHistory()).Line(text);

    /// <summary>An exchange has its final reply.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="reply">Its reply.</param>
    /// <param name="origin">Who gave it.</param>
    /// <param name="owner">Whose the moment is.</param>
    /// <param name="inTransaction">Whether a transaction is open.</param>
    public void Answered(in Exchange exchange, in Reply reply, Origin origin, Owner owner, bool inTransaction)
    {
        // The proxy's replies to STARTTLS in the relay's place are replies like any other. With a greeting or
        // 421 of its own it ends the session.
        if (origin != Origin.Relay && (origin != Origin.Proxy || exchange.Verb == Verb.Greeting || reply.Code == 421))
        {
            AnsweredForRelay(exchange, reply, origin, owner);
            return;
        }

        _isGreeted |= exchange.Verb == Verb.Greeting;
        _sequel.Answered(exchange.Verb, reply, inTransaction);
        if (reply.Code is < 400 or > 599)
        {
            _refusals?.Granted(exchange.Operation);
            return;
        }

        // A BDAT that is none moves no message.
        var operation = exchange is { Verb: Verb.Bdat, IsChunk: false } ? Operation.Other : exchange.Operation;
        (_refusals ??= new RefusalHistory())
            .Refused(operation, reply, inTransaction, isOurs: origin == Origin.Proxy, isMessage: exchange.Verb == Verb.Burl);
    }

    /// <summary>A reply came that answers no command.</summary>
    public void Unsolicited(in Reply reply, Origin origin, Owner owner)
    {
        if (origin != Origin.Relay)
        {
            (_proxyCode, _waitedFor) = (reply.Code, _waitedFor ?? owner);
        }
        else
        {
            _sequel.Unsolicited(reply);
        }

        if (origin == Origin.Relay && reply.Code >= 400)
        {
            (_refusals ??= new RefusalHistory()).Refused(Operation.Other, reply, inTransaction: false);
        }
    }

    /// <summary>The reply to this exchange will not come.</summary>
    public void Unanswered(in Exchange exchange) => _stopped ??= StoppedAt(exchange);

    /// <summary>A transaction ended.</summary>
    public void TransactionEnded(in Transaction transaction, Verdict verdict)
    {
        _delivered += verdict is Verdict.Accepted or Verdict.Partial ? 1 : 0;
        _isCut |= verdict == Verdict.Aborted && transaction.End == TransactionEnd.ConnectionEnded;
        _sequel.TransactionEnded(transaction, verdict);
        _refusals?.Ended(transaction, verdict);
    }

    /// <summary>An anomaly was seen.</summary>
    public void Anomalous(Anomaly anomaly)
    {
        _anomalies |= 1UL << (int)anomaly;
        _sequel.Anomalous(anomaly);
    }

    /// <summary>What was wrong with the session that is over now; null: nothing was, or it cannot be known.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="visibility">How much of it was seen.</param>
    /// <param name="tls">What is known of its TLS.</param>
    /// <param name="flow">What passed, and what the client may not have.</param>
    /// <param name="clocks">When something was last read, and who is waited for.</param>
    /// <param name="isKnownToGreet">Whether the relay has greeted any session before.</param>
    /// <param name="at">Now, in ticks of the monotonic clock.</param>
    public Finding? Diagnose(
        SessionOutcome outcome, Visibility visibility, in TlsRecorder tls, in OctetFlow flow, in SessionClocks clocks, bool isKnownToGreet,
        long at)
    {
        if (flow.UnseenAcceptances > 0 && outcome is SessionOutcome.ClientGone or SessionOutcome.Timeout)
        {
            _stopped = Operation.EndOfData;
        }

        if (!HasFailed(outcome, visibility, tls))
        {
            return null;
        }

        return Diagnoser.Find(new FailureFacts
        {
            Break = BreakOf(outcome, clocks.Owner),
            Dial = Dial,
            Refusal = _refusals?.Read(),
            SpokeForOthers = _refusals is { SpokeForOthers: true },
            Stopped = _stopped,
            Greeted = _isGreeted,
            ClientSpoke = flow.ClientOctets > 0,
            RelayPort = _relayPort,
            Relay = _relay,
            Rule = _rule,
            Fingerprint = tls.Fingerprint,
            RelayBegan = _relayBegan,
            Anomalies = _anomalies,
            TlsAlert = tls.Alert,
            AlertOfClient = tls.IsAlertOfClient,
            TlsError = tls.Error,
            TlsErrorOfClient = tls.IsErrorOfClient,
            TlsErrorIsPlaintext = tls.IsPlaintext,
            TlsStoppedAt = tls.StoppedAt,
            RelayWaitsForNoTls = isKnownToGreet || tls.IsRelaySecured,
            StrayLines = _sequel.StrayLines,
            HadNoGoAhead = _sequel.HadNoGoAhead,
            HadSurplusVerdict = _sequel.HadSurplusVerdict,
            QuietMilliseconds = QuietMilliseconds(clocks, at),
        });
    }

    /// <summary>What was wrong with the messages since this was asked last; null: nothing.</summary>
    public readonly Finding? FindingSoFar() => _refusals?.TakeLatest() is not { } refusal ? null : Diagnoser.Find(new FailureFacts
    {
        Break = _isRefusedByFault ? SessionBreak.Fault : SessionBreak.Quit,
        Refusal = refusal,
        Relay = _relay,
        Rule = _rule,
        Greeted = true,
        ClientSpoke = true,
        Anomalies = _anomalies,
    });

    private static Operation StoppedAt(in Exchange exchange) => exchange.Verb switch
    {
        Verb.EndOfData when !Marks.IsComplete(exchange) => Operation.Body,
        Verb.Bdat when exchange.Last && Marks.IsComplete(exchange) => Operation.EndOfData,
        _ => exchange.Operation,
    };

    /// <summary>The proxy or a fault replied in the relay's place. That shows that something stopped, not why.</summary>
    private void AnsweredForRelay(in Exchange exchange, in Reply reply, Origin origin, Owner owner)
    {
        _isRefusedByFault |= origin == Origin.Fault && reply.Code >= 400;
        _proxyCode = reply.Code;
        _waitedFor ??= owner;
        _stopped ??= StoppedAt(exchange);
        // Why no relay could be dialled is known to the pool alone, and comes from there in the reply's text.
        _none ??= exchange.Verb != Verb.Greeting ? null
            : reply.Text.IndexOf("does not resolve"u8) >= 0 ? DialOutcome.NameUnresolved
            : reply.Text.IndexOf("was taken out of service"u8) >= 0 ? DialOutcome.Drained : null;
    }

    private readonly bool HasFailed(SessionOutcome outcome, Visibility visibility, in TlsRecorder tls)
    {
        if (_isRefusedByFault || tls.Alert is not null || tls.Error is not null
            || (tls.StoppedAt is not null && outcome != SessionOutcome.Shutdown)
            || _sequel.WentWrong || _refusals is { IsDecided: true } or { SpokeForOthers: true }
            || outcome is SessionOutcome.ConnectFailed or SessionOutcome.Refused or SessionOutcome.Fault
            || ((_anomalies & WrongProtocol) != 0 && _delivered == 0))
        {
            return true;
        }

        if (visibility != Visibility.Tracked)
        {
            return false;
        }

        var isIdle = _stopped is null or Operation.Quit or Operation.Rset or Operation.Noop or Operation.Vrfy or Operation.Other;
        return !isIdle || _isCut || _refusals is { IsPending: true } || (_delivered == 0 && outcome != SessionOutcome.Quit);
    }

    /// <summary>For how long nothing had been read when the session ended, in milliseconds; -1: it is not known.</summary>
    public readonly double QuietMilliseconds(in SessionClocks clocks, long at)
    {
        var ended = _endedAt == 0 ? at : _endedAt;
        var last = Math.Max(clocks.ReadAt, _connectedAt);
        return last == 0 ? -1 : Instruments.InSeconds(Math.Max(0, ended - last)) * 1000;
    }

    /// <summary>How the session's connections ended.</summary>
    public readonly SessionBreak BreakOf(SessionOutcome outcome, Owner owner) => outcome switch
    {
        // What the relay itself refused is the relay's; anything else in a session that was tampered with may be the fault's doing.
        _ when _isRefusedByFault || (IsFaulted && _refusals is not { IsDecided: true }) => SessionBreak.Fault,
        SessionOutcome.Fault => SessionBreak.Fault,
        SessionOutcome.Quit => SessionBreak.Quit,
        SessionOutcome.ConnectFailed => SessionBreak.NotConnected,
        SessionOutcome.Refused when _refusals?.EndedBecause is { } why => why,
        SessionOutcome.Refused when _proxyCode != 0 => _proxyCode >= 500 ? SessionBreak.NotServed : SessionBreak.Capped,
        SessionOutcome.Refused => SessionBreak.RelayGone,
        SessionOutcome.Shutdown => SessionBreak.Stopping,
        SessionOutcome.Timeout => (_waitedFor ?? owner) == Owner.Relay ? SessionBreak.RelaySilent : SessionBreak.ClientSilent,
        SessionOutcome.RelayGone => SessionBreak.RelayGone,
        _ => SessionBreak.ClientGone,
    };

    /// <summary>What came of the last dial, where no relay was reached.</summary>
    public readonly DialOutcome Dial => _none ?? _dial switch
    {
        DialOutcome.Connected => DialOutcome.NoRelay,
        DialOutcome.Failed => DialOutcome.Unreachable,
        var outcome => outcome,
    };
}
