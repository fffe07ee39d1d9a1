using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

// What a session leaves behind for a diagnosis. As long as it goes well this is a few fields, and nothing is allocated.
public sealed partial class SessionTelemetry
{
    /// <summary>Octets of both sides that are looked at when TLS has begun: more than a handshake with long certificate chains.</summary>
    private const int MostHandshake = 32 * 1024;

    private Trouble? _trouble;
    private DialOutcome _dial;
    private bool _isUnresolved;
    private ulong _anomalies;
    private FirstOctets _relayBegan;
    private Operation? _stopped;
    private Owner? _waitedFor;
    private Leg? _firstToEnd;
    private long _endedAt;
    private long _connectedAt;
    private int _relayPort;
    private int _delivered;
    private int _strayLines;
    private ushort _proxyCode;
    private byte _tlsAlert;
    private bool _alertOfClient;
    private bool _greeted;
    private bool _isCut;
    private bool _isBehindMessage;
    private bool _isFaulted;
    private bool _isTls;
    private OpaqueNote _opaque;
    private int _handshake;

    /// <summary>TLS has begun and passes unread, and its handshake, which may fail in the clear, may still be going on.</summary>
    public bool IsHandshaking => _isTls && _handshake < MostHandshake;

    /// <summary>One direction is over; the first to end tells who left.</summary>
    public void Ended(Leg from, long at)
    {
        if (_firstToEnd is null)
        {
            (_firstToEnd, _endedAt) = (from, at);
        }
    }

    void IDialogueObserver.RefusalLine(ref Exchange exchange, ReadOnlySpan<byte> text) => (_trouble ??= new Trouble()).Line(text);

    /// <summary>Looks at octets where they may tell what is wrong: the relay's first ones, and those of a handshake that is not followed.</summary>
    private void Glance(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Relay && _relayBegan == FirstOctets.None)
        {
            _relayBegan = Octets.Recognise(octets);
        }

        Greet(from, octets);
        if (_isTls && _handshake < MostHandshake)
        {
            _handshake += octets.Length;
            if (_tlsAlert == 0 && Octets.Alert(octets) is { } alert)
            {
                (_tlsAlert, _alertOfClient) = (alert, from == Leg.Client);
            }
        }
    }

    /// <summary>A command: text of a message that arrives as commands has no verbs.</summary>
    private void Stray(Verb verb)
    {
        if (verb is Verb.Mail or Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.Quit or Verb.Rset)
        {
            _isBehindMessage = false;
        }
    }

    /// <summary>A reply: what it says of how the session goes.</summary>
    private void Judge(in Exchange exchange, in Reply reply)
    {
        // What the proxy answers in the relay's place about STARTTLS is an answer like any other; what else it says ends the session.
        if (Origin != Origin.Relay && (Origin != Origin.Proxy || exchange.Verb == Verb.Greeting || reply.Code == 421))
        {
            OfOurs(exchange, reply);
            return;
        }

        if (reply.Code is < 400 or > 599)
        {
            _greeted |= exchange.Verb == Verb.Greeting;
            _trouble?.Granted(exchange.Operation);
            return;
        }

        if (exchange.Verb is Verb.Unknown or Verb.NotAVerb or Verb.Empty && _isBehindMessage)
        {
            _strayLines++;
        }

        _greeted |= exchange.Verb == Verb.Greeting;
        (_trouble ??= new Trouble()).Refused(exchange.Operation, reply, _track.IsOpen);
    }

    /// <summary>Our own words, or a fault's: they say that something stopped, not why.</summary>
    private void OfOurs(in Exchange exchange, in Reply reply)
    {
        _isFaulted |= Origin == Origin.Fault && reply.Code >= 400;
        _proxyCode = reply.Code;
        _waitedFor ??= _attribution.Owner;
        _stopped ??= StoppedAt(exchange);
        // The pool's words, which reach us in the reply alone.
        _isUnresolved |= exchange.Verb == Verb.Greeting && reply.Text.IndexOf("does not resolve"u8) >= 0;
    }

    private static Operation StoppedAt(in Exchange exchange) =>
        exchange.Verb == Verb.EndOfData && !Marks.IsComplete(exchange) ? Operation.Body : exchange.Operation;

    /// <summary>A transaction ended like this.</summary>
    private void Ended(in Transaction transaction, Verdict verdict)
    {
        _delivered += verdict is Verdict.Accepted or Verdict.Partial ? 1 : 0;
        _isCut |= verdict == Verdict.Aborted && transaction.End == TransactionEnd.ConnectionEnded;
        _isBehindMessage = transaction is { End: TransactionEnd.FinalReply, Via: Via.Data };
        _trouble?.Ended(transaction, verdict);
    }

    /// <summary>What was wrong; null: nothing was, or it cannot be known.</summary>
    private Finding? Diagnose(SessionOutcome outcome, Visibility visibility, long at)
    {
        if (_unseenAcceptances > 0 && outcome is SessionOutcome.ClientGone or SessionOutcome.Timeout)
        {
            _stopped = Operation.EndOfData;
        }

        if (!HasFailed(outcome, visibility))
        {
            return null;
        }

        var ended = _endedAt == 0 ? at : _endedAt;
        var last = Math.Max(_clock.ReadAt, _connectedAt);
        return Diagnoser.Find(new FailureFacts
        {
            Break = BreakOf(outcome),
            Dial = _isUnresolved ? DialTrouble.NameUnresolved : _dial switch
            {
                DialOutcome.Connected => DialTrouble.NoRelay,
                DialOutcome.Refused => DialTrouble.Refused,
                DialOutcome.TimedOut => DialTrouble.TimedOut,
                DialOutcome.TlsFailed => DialTrouble.Tls,
                DialOutcome.NotDialled => DialTrouble.LocalResources,
                DialOutcome.GreetingFailed => DialTrouble.Greeting,
                DialOutcome.IntroductionFailed or DialOutcome.IntroductionRefused => DialTrouble.Introduction,
                _ => DialTrouble.Unreachable,
            },
            Refusal = _trouble?.Read(),
            Stopped = _stopped,
            Greeted = _greeted,
            ClientSpoke = _clientOctets > 0,
            RelayPort = _relayPort,
            RelayBegan = _relayBegan,
            Anomalies = _anomalies,
            TlsAlert = _tlsAlert == 0 ? null : _tlsAlert,
            AlertOfClient = _alertOfClient,
            TlsError = _tlsError,
            TlsErrorOfClient = _tlsErrorOfClient,
            StrayLines = _strayLines,
            QuietMilliseconds = last == 0 ? -1 : Instruments.InSeconds(Math.Max(0, ended - last)) * 1000,
        });
    }

    /// <summary>The client was turned away without hearing the reply that says why.</summary>
    public void TurnedAwayUnheard(ReadOnlySpan<byte> reply) =>
        _proxyCode = ReplyLine.TryParse(reply.TrimEnd("\r\n"u8), out var line) ? (ushort)line.Code : (ushort)0;

    /// <summary>Tells what was found wherever somebody may look.</summary>
    private void Tell(Finding? finding, long at)
    {
        if (finding is null)
        {
            return;
        }

        KeepIf(true, KeepReason.Abort, at);
        Trace.SetAttribute(Attributes.Diagnosis, finding.Code);
        _instruments.Diagnoses.Add(1, _tags.Diagnosed(finding.Diagnosis));
        using (Trace.Enter())
        {
            _proxy.Failures?.Tell(Id, _listener, Destination ?? Values.NoDestination, finding);
        }
    }

    private bool HasFailed(SessionOutcome outcome, Visibility visibility)
    {
        const ulong WrongProtocol = (1UL << (int)Anomaly.HttpRequest) | (1UL << (int)Anomaly.TlsOnPlaintext) | (1UL << (int)Anomaly.NotSmtp);
        if (_isFaulted || _tlsAlert != 0 || _tlsError is not null || _strayLines > 1 || _trouble is { IsDecided: true }
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
        return !isIdle || _isCut || _trouble is { IsPending: true } || (_delivered == 0 && outcome != SessionOutcome.Quit);
    }

    private SessionBreak BreakOf(SessionOutcome outcome) => outcome switch
    {
        // What the relay itself refused is the relay's; anything else in a session that was tampered with may be the fault's doing.
        _ when _isFaulted || (IsFaulted && _trouble is not { IsDecided: true }) => SessionBreak.Fault,
        SessionOutcome.Fault => SessionBreak.Fault,
        SessionOutcome.Quit => SessionBreak.Quit,
        SessionOutcome.ConnectFailed => SessionBreak.NotConnected,
        SessionOutcome.Refused when _proxyCode != 0 => _proxyCode >= 500 ? SessionBreak.NotServed : SessionBreak.Capped,
        SessionOutcome.Refused => SessionBreak.RelayGone,
        SessionOutcome.Shutdown => SessionBreak.Stopping,
        SessionOutcome.Timeout => (_waitedFor ?? _attribution.Owner) == Owner.Relay ? SessionBreak.RelaySilent : SessionBreak.ClientSilent,
        SessionOutcome.RelayGone => SessionBreak.RelayGone,
        _ => SessionBreak.ClientGone,
    };
}
