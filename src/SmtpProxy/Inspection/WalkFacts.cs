using System.Net;
using System.Net.Sockets;
using SmtpProxy.Codes;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Inspection;

/// <summary>Gathers what a walk meets, for the diagnosis that sessions get too.</summary>
/// <param name="port">The server's.</param>
internal sealed class WalkFacts(int port)
{
    private FailureFacts _facts = new() { RelayPort = port, ClientSpoke = false, Break = SessionBreak.Quit };
    private bool _isAmiss;

    /// <summary>TLS; null: none.</summary>
    public SecurityFacts? Tls { get; private set; }

    /// <summary>What the last reply to EHLO offered.</summary>
    public IReadOnlyList<string> Offers { get; private set; } = [];

    /// <summary>A transaction is open.</summary>
    public bool InTransaction { get; private set; }

    /// <summary>The server has said that it closes (RFC 5321 3.8).</summary>
    public bool IsClosing => _facts.Refusal is { Code: 421 };

    /// <summary>Nothing is wrong so far.</summary>
    public bool IsWell => !_isAmiss;

    /// <summary>What came of a connection that failed.</summary>
    public static DialOutcome OutcomeOf(SocketException? e) => e?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => DialOutcome.Refused,
        null or SocketError.TimedOut => DialOutcome.TimedOut,
        _ when Transport.Shortages.Of(e.SocketErrorCode) != Transport.Shortage.None => DialOutcome.NotDialled,
        _ => DialOutcome.Unreachable,
    };

    /// <summary>There is no connection, or none yet.</summary>
    public void NotConnected(DialOutcome why, IPEndPoint? at) =>
        Amiss(_facts with { Break = SessionBreak.NotConnected, Dial = why, Relay = at });

    /// <summary>There is one; what became of other addresses does not count.</summary>
    public void Connected(IPEndPoint at) =>
        (_facts, _isAmiss) = (_facts with { Break = SessionBreak.Quit, Dial = DialOutcome.Connected, Relay = at }, false);

    /// <summary>The greeting is there.</summary>
    public void HasGreeted() => _facts = _facts with { Greeted = true, RelayBegan = FirstOctets.Smtp };

    /// <summary>What EHLO got.</summary>
    public void Offered(IReadOnlyList<string> offers) => Offers = offers;

    /// <summary>The handshake is done.</summary>
    public void Secured(SecurityFacts seen, bool mustBelieve)
    {
        Tls = seen;
        if (mustBelieve && seen.Problem is { } problem)
        {
            Amiss(_facts with { TlsError = problem.Type, Fingerprint = problem.Fingerprint });
        }
    }

    /// <summary>There is no TLS, and there must be.</summary>
    /// <param name="type">One of the names of <see cref="SmtpProxy.Tls.TlsFailure"/>.</param>
    public void Insecure(string type) => Amiss(_facts with { TlsError = type });

    /// <summary>Whether a reply lets the walk go on.</summary>
    public bool Took(Operation operation, HeardReply reply)
    {
        _facts = _facts with { ClientSpoke = operation != Operation.Greeting };
        InTransaction |= operation == Operation.Mail && reply.IsPositive;
        if (reply.IsPositive)
        {
            return true;
        }

        Amiss(reply.Code >= 400
            ? _facts with { Refusal = new RefusalReply(operation, reply.Code, reply.Enhanced, reply.Text) }
            : _facts with { Break = SessionBreak.RelaySilent, Stopped = operation });
        return false;
    }

    /// <summary>Whether DATA was answered with the go-ahead.</summary>
    public bool TookData(HeardReply reply)
    {
        if (reply.Code / 100 == 3)
        {
            return true;
        }

        Amiss(reply.IsPositive ? _facts with { HadNoGoAhead = true }
            : _facts with { Refusal = new RefusalReply(Operation.Data, reply.Code, reply.Enhanced, reply.Text) });
        return false;
    }

    /// <summary>The conversation broke off. What was wrong before that stands.</summary>
    public void Broke(TalkBrokenException e, Operation? at)
    {
        if (!_isAmiss)
        {
            Amiss(_facts with
            {
                Break = e.How == TalkBreak.Closed ? SessionBreak.RelayGone : SessionBreak.RelaySilent,
                Stopped = at,
                RelayBegan = _facts.Greeted ? FirstOctets.Smtp : Octets.Recognise(e.Octets),
                TlsAlert = _facts.Greeted ? null : Octets.Alert(e.Octets),
            });
        }
    }

    /// <summary>What was wrong; null: nothing.</summary>
    public Finding? Conclude() => _isAmiss ? Diagnoser.Find(_facts) : null;

    private void Amiss(FailureFacts facts) => (_facts, _isAmiss) = (facts, true);
}
