using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>Records one session: metrics as they happen, attribution of every moment, and the journal's line at the end. Used on the
/// session's loop only. All times are <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
/// <remarks>Nothing is allocated per exchange. Without a journal nothing is kept of an exchange that is over.</remarks>
public sealed class SessionTelemetry : IDialogueObserver
{
    private readonly ProxyTelemetry _proxy;
    private readonly Instruments _instruments;
    private readonly ListenerTags _listenerTags;
    private readonly string _listener;
    private readonly string _cluster;
    private readonly SessionRecord? _record;
    private RelayTags _tags;
    private BufferClock _clock;
    private Attribution _attribution;
    private DialogueClocks _clocks;
    private TransactionTrack _track;
    private long _dialled;
    private long _clientOctets;
    private long _relayOctets;
    private int _unforwarded;
    private int _unseenAcceptances;
    private int _unseenRefusals;
    private Leg _readFrom;
    private bool _clientBlocked;
    private bool _relayBlocked;
    private bool _isOver;

    internal SessionTelemetry(ProxyTelemetry proxy, string listener, string cluster, SessionRecord? record)
    {
        (_proxy, _instruments, _listener, _cluster, _record) = (proxy, proxy.Instruments, listener, cluster, record);
        _listenerTags = _instruments.Tags(listener, cluster);
        _tags = _instruments.Tags(listener, cluster, Values.NoDestination);
    }

    /// <summary>Who is speaking while the dialogue is fed; <see cref="Origin.Relay"/> unless the session says otherwise.</summary>
    public Origin Origin { get; set; }

    /// <summary>The session begins: the client's connection was accepted.</summary>
    public void Accepted(EndPoint client, EndPoint local, long at)
    {
        // Before the greeting it is the relay that everybody waits for.
        _attribution.Begin(Owner.Relay, at);
        _instruments.ActiveSessions.Add(1, _listenerTags.Listener);
        if (_record is not null)
        {
            _proxy.Begin(_record, _listener, _cluster, client);
        }
    }

    /// <summary>A relay is being dialled; called again for each fail-over.</summary>
    public void Dialling(string destination, long at)
    {
        _dialled = at;
        _tags = _instruments.Tags(_listener, _cluster, destination);
        if (_record is not null)
        {
            (_record.Destination, _record.Relay, _record.RelayLocal) = (destination, null, null);
        }
    }

    /// <summary>What came of it.</summary>
    public void Dialled(in DialResult result, long at)
    {
        _instruments.OperationDuration.Record(Instruments.InSeconds(Math.Max(0, at - _dialled)), _tags.Dialled(Values.ErrorOf(result.Outcome)));
        if (result.Outcome == DialOutcome.Connected)
        {
            _clocks.Established(at);
            if (_record is not null)
            {
                (_record.Relay, _record.RelayLocal) = (result.Remote, result.Local);
            }
        }
    }

    /// <summary>Octets of a leg were read at this time, and the dialogue is about to be shown them: from here until
    /// <see cref="Settled"/> the moment belongs to the proxy.</summary>
    public void Read(Leg from, int octets, long at)
    {
        _clock.Read(at);
        _attribution.Hand(Owner.Proxy, at);
        _readFrom = from;
        _unforwarded = octets;
        Received(from, octets);
    }

    /// <summary>What was read has been handed to the kernel (or waits for <paramref name="blocked"/>, which does not take it):
    /// whose moment it is from here follows the dialogue's <see cref="Dialogue.Turn"/>.</summary>
    public void Settled(Dialogue dialogue, Leg? blocked, long at)
    {
        if (_clock.IsOpen)
        {
            Block(Other(_readFrom), blocked == Other(_readFrom));
            Forwarded(dialogue, blocked, at);
        }
        else
        {
            Block(Leg.Client, blocked == Leg.Client);
            Block(Leg.Relay, blocked == Leg.Relay);
        }

        // A peer that does not take octets is waited for, whoever has the next word.
        _attribution.Hand(
            _relayBlocked ? Owner.Relay
            : _clientBlocked ? Owner.Client
            : dialogue.Turn == Party.Server ? Owner.Relay : Owner.Client, at);
    }

    /// <summary>Octets passed without being looked at. Comes before <see cref="Dialogue.Skip"/>, and <see cref="Settled"/> behind that.</summary>
    public void Spliced(Leg from, long octets, long at)
    {
        _clock.Read(at);
        _clock.Forwarded(at);
        Received(from, octets);
        _instruments.Io.Transmitted(Other(from), octets);
    }

    /// <summary>Octets that we wrote ourselves to a leg (local replies), not read from the other.</summary>
    public void WroteOwn(Leg to, int octets) => _instruments.Io.Transmitted(to, octets);

    /// <summary>The session is over; the dialogue has been finished. Publishes the session's metrics and its journal line.</summary>
    public void Over(Dialogue dialogue, SessionOutcome outcome, long at)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        var shares = _attribution.Until(at);
        var visibility = dialogue.Opaque switch
        {
            OpaqueReason.None => Visibility.Tracked,
            OpaqueReason.Tls => Visibility.OpaqueTls,
            _ => Visibility.OpaqueUnparsed,
        };
        CountUnseen(_unseenAcceptances, Risk.Accepted);
        CountUnseen(_unseenRefusals, Risk.Refused);

        _instruments.ActiveSessions.Add(-1, _listenerTags.Listener);
        _instruments.Sessions.Add(1, _listenerTags.Session(outcome, visibility));
        _instruments.SessionDuration.Record(Instruments.InSeconds(shares.Total), _listenerTags.Cluster);
        if (_record is not null)
        {
            _record.Settle(dialogue, outcome, _clientOctets, _relayOctets, shares);
            _proxy.Post(_record);
        }
    }

    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        if (exchange.Verb == Verb.Greeting)
        {
            return;
        }

        _clock.Stamp(ref exchange);
        if (exchange.Verb != Verb.EndOfData && _clocks.TakeThinkTime(exchange.Pipelined, _clock.ReadAt) is var thought and >= 0)
        {
            _instruments.ThinkDuration.Record(Instruments.InSeconds(thought), _listenerTags.Listener);
        }

        if (_record is not null)
        {
            Marks.SetHandle(ref exchange, _record.Opened(exchange, verb, arguments));
            if (exchange.Verb == Verb.Mail)
            {
                _record.MailOpened(exchange.Index, _attribution.Until(_clock.ReadAt));
            }
        }
    }

    void IDialogueObserver.CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text) => _record?.Capabilities.Add(text);

    void IDialogueObserver.Continued(ref Exchange exchange, in Reply reply)
    {
        Count(exchange, reply);
        if (exchange.Verb == Verb.Data)
        {
            // The go-ahead answers DATA.
            Answer(exchange, reply);
            if (_clocks.TakeDataReady(_clock.ReadAt) is var ready and >= 0)
            {
                _track.DataReady(ready);
                _instruments.DataReadyDuration.Record(Instruments.InSeconds(ready), _tags.Relay);
            }
        }
        else if (exchange.Verb == Verb.Auth)
        {
            _clocks.Challenged(_clock);
        }
    }

    void IDialogueObserver.Responded(ref Exchange exchange) => _clocks.Responded(_clock);

    void IDialogueObserver.BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets)
    {
        // A body that ended earlier in this buffer is as good as forwarded.
        Body(_clocks.TakeBody(_clock.ReadAt));
        Body(_clocks.BodyEnded(endOfData, _clock));
        _clock.Stamp(ref endOfData);
        Marks.SetComplete(ref endOfData);
    }

    void IDialogueObserver.ChunkEnded(ref Exchange bdat)
    {
        _clock.Stamp(ref bdat);
        Marks.SetComplete(ref bdat);
    }

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply)
    {
        Count(exchange, reply);
        var ticks = Answer(exchange, reply);
        switch (exchange.Verb)
        {
            case Verb.Greeting:
                _clocks.Greeted(reply.Severity == 2 && Origin == Origin.Relay);
                break;
            case Verb.Rcpt or Verb.Data or Verb.Bdat or Verb.Burl or Verb.EndOfData:
                _track.Answered(exchange, reply, Origin, ticks, _record);
                break;
        }
    }

    void IDialogueObserver.Unanswered(ref Exchange exchange)
    {
        if (Marks.IsComplete(exchange) && (exchange.Verb == Verb.EndOfData || exchange.Last))
        {
            _track.FinalReplyMissing();
        }
    }

    void IDialogueObserver.Unsolicited(in Reply reply)
    {
        _tags.CountReply(Operation.Other, Origin, reply.Code);
        if (reply.Enhanced.IsPresent)
        {
            _tags.Enhanced.Count(Operation.Other, reply.Enhanced);
        }
    }

    void IDialogueObserver.TransactionOpened(in Transaction transaction) => _track.Open(transaction, _record);

    void IDialogueObserver.TransactionEnded(in Transaction transaction)
    {
        _instruments.Transactions.Add(1, _tags.Transactions[(int)_track.VerdictOf(transaction)]);
        if (transaction.End == TransactionEnd.FinalReply && transaction.MessageOctets >= 0)
        {
            _instruments.MessageSize.Record(transaction.MessageOctets, _listenerTags.Cluster);
            _instruments.MessageRecipients.Record(transaction.Accepted, _listenerTags.Cluster);
        }

        if (transaction.End is TransactionEnd.ConnectionEnded or TransactionEnd.FinalReply)
        {
            CountRisk(transaction);
        }

        Body(_clocks.TakeBody(_clock.ReadAt));
        _track.End(transaction, _record, _attribution.Until(_clock.ReadAt));
    }

    void IDialogueObserver.Anomalous(Anomaly anomaly, Party party, long octet)
    {
        _instruments.Anomalies.Add(1, _listenerTags.Anomaly(anomaly));
        _record?.Anomalous(anomaly);
    }

    void IDialogueObserver.BecameOpaque(OpaqueReason reason, Party party, long octet)
    {
        // Whatever is shown at the end comes from the dialogue; nothing that is timed goes on.
    }

    private void Received(Leg from, long octets)
    {
        _instruments.Io.Received(from, octets);
        if (from == Leg.Client)
        {
            _clientOctets += octets;
        }
        else
        {
            _relayOctets += octets;
        }
    }

    private void Forwarded(Dialogue dialogue, Leg? blocked, long at)
    {
        var read = _clock.ReadAt;
        _clock.Forwarded(at);
        _instruments.Io.Transmitted(Other(_readFrom), _unforwarded);
        if (blocked is null)
        {
            _instruments.Overhead(_readFrom, Math.Max(0, at - read));
        }

        _clocks.Forwarded(dialogue is { Outstanding: 0, ClientPhase: ClientPhase.Command }, at);
        Body(_clocks.TakeBody(at));
    }

    private void Block(Leg leg, bool blocked)
    {
        if (leg == Leg.Relay)
        {
            _relayBlocked = blocked;
            return;
        }

        _clientBlocked = blocked;
        if (!blocked)
        {
            // All that was said is with the client's kernel.
            (_unseenAcceptances, _unseenRefusals) = (0, 0);
        }
    }

    private void Count(in Exchange exchange, in Reply reply)
    {
        _tags.CountReply(exchange.Operation, Origin, reply.Code);
        if (reply.Enhanced.IsPresent)
        {
            _tags.Enhanced.Count(exchange.Operation, reply.Enhanced);
        }
    }

    /// <summary>An exchange is done: its time, where the relay answered and a clock ran.</summary>
    private long Answer(in Exchange exchange, in Reply reply)
    {
        var ticks = Origin == Origin.Relay ? _clocks.TakeDuration(exchange, _clock) : -1;
        if (ticks >= 0)
        {
            _instruments.OperationDuration.Record(Instruments.InSeconds(ticks), _tags.Answered(exchange.Operation, reply.Code));
        }

        _record?.Answered(Marks.Handle(exchange), exchange, reply, Origin, ticks);
        _clocks.AnswerGiven();
        return ticks;
    }

    private void Body(long ticks)
    {
        if (ticks >= 0)
        {
            _track.Body(ticks);
            _instruments.OperationDuration.Record(Instruments.InSeconds(ticks), _tags.Answered(Operation.Body, 250));
        }
    }

    private void CountRisk(in Transaction transaction)
    {
        if (_track.IsAtRisk)
        {
            _instruments.AtRisk.Add(1, _tags.AtRisk[(int)Risk.Unknown]);
        }
        else if (transaction.End == TransactionEnd.FinalReply && transaction.Outcome is TransactionOutcome.Delivered or TransactionOutcome.Partial)
        {
            _unseenAcceptances++;
        }
        else if (transaction.End == TransactionEnd.FinalReply)
        {
            _unseenRefusals++;
        }
    }

    private void CountUnseen(int transactions, Risk risk)
    {
        if (transactions > 0)
        {
            _instruments.AtRisk.Add(transactions, _tags.AtRisk[(int)risk]);
        }
    }

    private static Leg Other(Leg leg) => leg == Leg.Client ? Leg.Relay : Leg.Client;
}
