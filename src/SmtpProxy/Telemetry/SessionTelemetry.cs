using System.Diagnostics.Metrics;
using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry;

/// <summary>Records one session: metrics as they happen, attribution of every moment, and the journal's line at the end. Used on the
/// session's loop only. All times are <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
/// <remarks>Nothing is allocated per exchange. Without a journal nothing is kept of an exchange that is over.</remarks>
public sealed partial class SessionTelemetry : IDialogueObserver
{
    /// <summary>Exchanges of a session that its trace looks back to when there is no journal.</summary>
    private const int Enough = 512;

    private readonly ProxyTelemetry _proxy;
    private readonly Instruments _instruments;
    private readonly ListenerTags _listenerTags;
    private readonly string _listener;
    private readonly string _cluster;
    private SessionRecord? _record;
    private RelayTags _tags;
    private BufferClock _clock;
    private Attribution _attribution;
    private DialogueClocks _clocks;
    private TransactionTrack _track;
    private MessageHeaders? _headers;
    private long _dialled;
    private long _lastSet;
    private long _clientOctets;
    private long _relayOctets;
    private long _offered;
    private int _unforwarded;
    private int _unseenAcceptances;
    private int _unseenRefusals;
    private Leg _readFrom;
    private bool _clientBlocked;
    private bool _relayBlocked;
    private bool _isLost;
    private bool _isOver;

    internal SessionTelemetry(ProxyTelemetry proxy, string listener, string cluster, SessionRecord? record, SessionTrace trace)
    {
        (_proxy, _instruments, _listener, _cluster, _record, Trace) = (proxy, proxy.Instruments, listener, cluster, record, trace);
        _listenerTags = _instruments.Tags(listener, cluster);
        _tags = _instruments.Tags(listener, cluster, Values.NoDestination);
    }

    /// <summary>The session's trace: takes attributes, events and spans of others.</summary>
    public SessionTrace Trace { get; }

    /// <summary>Who is speaking while the dialogue is fed; <see cref="Origin.Relay"/> unless the session says otherwise.</summary>
    public Origin Origin { get; set; }

    /// <summary>The session begins: the client's connection was accepted.</summary>
    public void Accepted(EndPoint client, EndPoint local, long at)
    {
        // Before the greeting it is the relay that everybody waits for.
        _attribution.Begin(Owner.Relay, at);
        _lastSet = at;
        _instruments.ActiveSessions.Add(1, _listenerTags.Listener);
        if (_record is not null)
        {
            _proxy.Begin(_record, _listener, _cluster, client, at);
            _headers = _proxy.ReadHeaders(_record);
        }

        Trace.Begin(at);
    }

    /// <summary>A relay is being dialled; called again for each fail-over.</summary>
    public void Dialling(string destination, long at)
    {
        _dialled = _lastSet = at;
        Destination = destination;
        _tags = _instruments.Tags(_listener, _cluster, destination);
        if (_record is not null)
        {
            // What was agreed with a relay that was left says nothing of this one.
            (_record.Destination, _record.Relay, _record.RelayLocal, _record.RelayTls, _record.Introduction) = (destination, null, null, null, null);
        }
    }

    /// <summary>What came of it.</summary>
    public void Dialled(in DialResult result, long at)
    {
        if (result.IsInjected)
        {
            return;
        }

        _lastSet = at;
        var error = Values.ErrorOf(result.Outcome);
        KeepIf(error is not null, KeepReason.Error, at);
        // What came between the connection and this call is told as what it was.
        var connected = at - result.KeptBack;
        KeepIf(connected - _dialled >= Trace.SlowTicks, KeepReason.Slow, at);
        Record(_instruments.OperationDuration, connected - _dialled, _tags.Dialled(error));
        _record?.Dials.Add(new DialEntry(_record.Destination!, _dialled + _held, connected + _held, error, result.Remote));
        _dial = result.Outcome;
        RelayTlsDecided(result, at);
        if (result.Outcome == DialOutcome.Connected)
        {
            (_connectedAt, _relayPort) = (at, (result.Remote as IPEndPoint)?.Port ?? 0);
            _clocks.Established(at - result.GreetingTook);
            if (_record is not null)
            {
                (_record.Relay, _record.RelayLocal) = (result.Remote, result.Local);
            }
        }
    }

    /// <summary>Octets of a leg were read at this time, and the dialogue is about to be shown them: from here until
    /// <see cref="Settled"/> the moment belongs to the proxy.</summary>
    public void Read(Leg from, ReadOnlySpan<byte> octets, long at)
    {
        Glance(from, octets);
        _clock.Read(at);
        _attribution.Hand(Owner.Proxy, at);
        _readFrom = from;
        _unforwarded = octets.Length;
        Received(from, octets.Length);
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
            // Words of our own end the session: this is when.
            _endedAt = _endedAt == 0 && _proxyCode != 0 ? at : _endedAt;
            Block(Leg.Client, blocked == Leg.Client);
            Block(Leg.Relay, blocked == Leg.Relay);
        }

        if (_record is { } record && (record.Exchanges.Count > Enough || record.IsCutShort) && _proxy.IsForTraceOnly && dialogue is { Outstanding: 0, InTransaction: false })
        {
            Trace.Shorten(at);
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

    /// <summary>Following the session failed: it goes on, but what is said from here is not seen. It counts as <c>opaque_unparsed</c>.</summary>
    public void Lost()
    {
        _isLost = true;
        _opaque = new OpaqueNote(OpaqueReason.InternalError, _readFrom == Leg.Client ? Party.Client : Party.Server, _readFrom == Leg.Client ? _clientOctets : _relayOctets);
    }

    /// <summary>The session is over; the dialogue has been finished. Publishes the session's metrics and its journal line.</summary>
    public void Over(Dialogue dialogue, SessionOutcome outcome, long at)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        outcome = _endedByFault ? SessionOutcome.Fault : outcome;
        KeepIf(Failures.IsAbort(outcome), KeepReason.Abort, at);
        var shares = _attribution.Until(at);
        var visibility = dialogue.Opaque switch
        {
            OpaqueReason.None when !_isLost => Visibility.Tracked,
            OpaqueReason.Tls => Visibility.OpaqueTls,
            _ => Visibility.OpaqueUnparsed,
        };
        var finding = Diagnose(outcome, visibility, at);
        Tell(finding, at);
        CountUnseen(_unseenAcceptances, Risk.Accepted);
        CountUnseen(_unseenRefusals, Risk.Refused);
        _instruments.ActiveSessions.Add(-1, _listenerTags.Listener);
        _instruments.Sessions.Add(1, _listenerTags.Session(outcome, visibility));
        if (visibility != Visibility.Tracked)
        {
            _instruments.Opaque.Add(1, _listenerTags.Opaque(_opaque.Reason));
        }

        Record(_instruments.SessionDuration, shares.Total, _listenerTags.Cluster);
        if (_record is not null)
        {
            (_record.Finding, _record.Opaque) = (finding, _opaque);
            _track.Finish(_record, shares);
            _record.Settle(dialogue, visibility != Visibility.Tracked, outcome, (_clientOctets, _relayOctets), shares);
            _record.TraceId = Trace.Id;
            Trace.Over(_record.StartedAt + shares.Total);
            _proxy.Post(_record);
            // It belongs to the writer now, and then to another session.
            _record = null;
        }
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

    /// <summary>The last time that was handed in: facts of the dialogue come without one.</summary>
    private long Now => Math.Max(_lastSet, _clock.ReadAt);

    private void KeepIf(bool wanted, KeepReason reason, long at)
    {
        if (wanted)
        {
            Trace.Keep(reason, at);
        }
    }

    /// <summary>Records ticks; within the session's trace, if it is kept, which makes an exemplar of it.</summary>
    private void Record(Histogram<double> histogram, long ticks, Tag[] tags)
    {
        using var current = Trace.Enter();
        histogram.Record(Instruments.InSeconds(Math.Max(0, ticks)), tags);
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

    private void CountUnseen(int transactions, Risk risk)
    {
        if (transactions > 0)
        {
            _instruments.AtRisk.Add(transactions, _tags.AtRisk[(int)risk]);
        }
    }

    private static Leg Other(Leg leg) => leg == Leg.Client ? Leg.Relay : Leg.Client;
}
