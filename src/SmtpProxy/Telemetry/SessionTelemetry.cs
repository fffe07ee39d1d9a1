using System.Net;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Records;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>Records one session: metrics as they happen, attribution of every moment, and the journal's line at the end. Used on the
/// session's loop only. All times are <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
/// <remarks>A session says here what happens to its connections; <see cref="Observer"/> hears what is said on them. The parts that both
/// feed do the work. Nothing is allocated per exchange.</remarks>
public sealed class SessionTelemetry
{
    private readonly ProxyTelemetry _proxy;
    private readonly DialogueRecorder _parts;
    private readonly OpenSession _open;
    private string? _id;
    private long _dialled;
    private bool _isLost;
    private bool _isOver;

    internal SessionTelemetry(ProxyTelemetry proxy, string listener, string cluster, SessionRecord? record, SessionTrace trace)
    {
        _proxy = proxy;
        _open = new OpenSession(this, listener, cluster);
        _parts = new DialogueRecorder(proxy.Instruments, listener, cluster, record, trace);
    }

    /// <summary>The observer of the session's dialogue.</summary>
    public IDialogueObserver Observer => _parts;

    /// <summary>The session's trace: takes attributes, events and spans of others.</summary>
    public SessionTrace Trace => _parts.Trace;

    /// <summary>Who is speaking while the dialogue is fed; <see cref="Origin.Relay"/> unless the session says otherwise.</summary>
    public Origin Origin { get => _parts.Origin; set => _parts.Origin = value; }

    /// <summary>The session's name, as in the journal.</summary>
    public string Id => _id ?? Interlocked.CompareExchange(ref _id, (Record?.Session ?? _proxy.NewId()).ToString(), null) ?? _id;

    /// <summary>The configured name of the relay that was dialled last; null before.</summary>
    public string? Destination { get; private set; }

    /// <summary>The session's trace, 32 hex digits; null: it has none.</summary>
    public string? TraceId => Trace.Id;

    /// <summary>Whether a fault was injected.</summary>
    public bool IsFaulted => _parts.Evidence.IsFaulted;

    /// <summary>Whether TLS passes through whose handshake may still be going on. It may fail in the clear.</summary>
    public bool IsHandshaking => _parts.Tls.IsHandshaking;

    internal ref SessionMetrics Metrics => ref _parts.Metrics;

    private ref SessionClocks Clocks => ref _parts.Clocks;

    /// <summary>Octets, and what the client has of them.</summary>
    internal ref OctetFlow Flow => ref _parts.Flow;

    /// <summary>The record; null: there is none, or the session is over.</summary>
    internal SessionRecord? Record => _parts.Record.Record;

    /// <summary>The record changes until what this returns is disposed of: nobody copies it.</summary>
    internal OpenSession.Change Change() => _open.Begin();

    /// <summary>Who knows for how long octets of the session are held; of a connection that is turned away none are.</summary>
    public void Read(IHeldTime held) => _open.HeldTime = Clocks.HeldTime = held;

    /// <summary>The session begins: the client's connection was accepted.</summary>
    public void Accepted(EndPoint client, EndPoint local, long at, long noticed = 0)
    {
        Clocks.Begin(at, noticed);
        Metrics.Accepted();
        if (Record is { } record)
        {
            _proxy.Begin(record, Metrics.Listener, Metrics.Cluster, client, at);
            _parts.Record.ReadHeaders(_proxy.ReadHeaders(record));
        }

        // Before that its record, and its name, are those of the session that had them before.
        _proxy.Sessions?.Add(_open, client, at);
        Trace.Begin(at);
    }

    /// <summary>A relay is being dialled, at this address where it is known; called again for each fail-over.</summary>
    public void Dialling(string destination, long at, EndPoint? address = null)
    {
        _dialled = at;
        Destination = destination;
        Clocks.Set(at);
        Metrics.Dialling(destination, Clocks.Take(at));
        _parts.Evidence.Dialling(address);
        _open.Await(Operation.Connect, Clocks.ForRecord(at));
        _parts.Record.Dialling(destination);
    }

    /// <summary>The dial is over, with or without a connection.</summary>
    public void Dialled(in DialNote dial, long at)
    {
        if (dial.IsInjected)
        {
            return;
        }

        Clocks.Set(at);
        // What came between the connection and this call is recorded as what it was: TLS, the greeting, the introduction.
        var connected = Clocks.Dialled(ref _dialled, dial.Result, at - dial.KeptBack);
        var error = AttributeValues.ErrorOf(dial.Outcome);
        Trace.KeepIf(error is not null, KeepReason.Error, at);
        Trace.KeepIf(connected - _dialled >= Trace.SlowTicks, KeepReason.Slow, at);
        Metrics.Dialled(connected - _dialled, error);
        _parts.Record.Dialled(dial.Result, Clocks.ForRecord(_dialled), Clocks.ForRecord(connected), error);
        _parts.Evidence.Dialled(dial.Result, at);
        if (_parts.Tls.Dialled(dial, at) is { } failure)
        {
            Count(failure);
        }

        if (dial.Outcome == DialOutcome.Connected)
        {
            Clocks.Established(dial.KeptBack == 0 ? connected : at - dial.GreetingTook);
            _open.Await(Operation.Greeting, Clocks.ForRecord(at));
        }
    }

    /// <summary>The proxy and a relay talked before the client's dialogue began.</summary>
    /// <param name="note">What the relay replied to XCLIENT; null: it was not told who the client is.</param>
    public void Introduced(IntroductionNote? note) => _parts.Record.Introduced(note);

    /// <summary>A handshake of the proxy's own is over: counts it, times it as the operation
    /// <c>tls_handshake</c>, and records it.</summary>
    public void Handshaken(HandshakeNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        var error = note.Failure?.Type;
        Clocks.Set(note.To);
        Trace.KeepIf(error is not null, KeepReason.Error, note.To);
        Count(note);
        Metrics.Handshaken(note.Leg, note.To - note.From, error);
        Trace.AddSpan(SpanNames.TlsHandshake, note.From, note.To, error, TlsSpans.Of(note, Destination));
    }

    /// <summary>The proxy ends the client's TLS: what follows is read as before, and of what the relay offered in the clear nothing counts
    /// (RFC 3207, section 4.2).</summary>
    public void Secured()
    {
        _parts.Tls.Secured();
        Record?.Capabilities.Clear();
    }

    /// <summary>Octets were read from a leg's connection.</summary>
    public void Received(Leg from, int octets) => Metrics.Received(from, octets);

    /// <summary>Octets were written to a leg's connection.</summary>
    public void Transmitted(Leg to, int octets)
    {
        Metrics.Transmitted(to, octets);
        if (to == Leg.Client)
        {
            Flow.WentOn();
        }
    }

    /// <summary>Octets of a leg came at this time, and the dialogue is about to be shown them: from here until
    /// <see cref="Settled"/> the moment belongs to the proxy.</summary>
    public void Read(Leg from, ReadOnlySpan<byte> octets, long at)
    {
        _open.Enter();
        _parts.Evidence.Read(from, octets);
        var wantsHello = Record is not null;
        if (_parts.Tls.IsWatching(from, wantsHello)
            && _parts.Tls.Read(from, octets, isFirst: Flow.ClientOctets == 0, wantsHello) is { } hello)
        {
            _parts.Record.Hello(hello);
        }

        Clocks.Read(at);
        Flow.Read(from, octets.Length);
    }

    /// <summary>What was read has been handed to the kernel (or waits for <paramref name="blocked"/>, which does not take it):
    /// whose moment it is from here follows the dialogue's <see cref="Dialogue.Turn"/>.</summary>
    public void Settled(Dialogue dialogue, Leg? blocked, long at)
    {
        _open.Enter();
        if (Clocks.IsBufferOpen)
        {
            _parts.Forwarded(dialogue, blocked, at);
        }
        else
        {
            _parts.Evidence.Spoke(at);
            Flow.Block(Leg.Client, blocked == Leg.Client);
            Flow.Block(Leg.Relay, blocked == Leg.Relay);
        }

        _open.Settled(dialogue, blocked, Clocks.ForRecord(at));
        if (Record is { } record && _proxy.IsPartDue(record) && dialogue is { Outstanding: 0, InTransaction: false }
            && !_parts.Record.EndsWithTransaction)
        {
            _proxy.PostPart(record, dialogue,
                new SessionSoFar((Flow.ClientOctets, Flow.RelayOctets), Clocks.UntilRead(),
                    _parts.Record.Said(_parts.Evidence.FindingSoFar()?.At(Place()))), Trace.Id);
            Trace.Shorten(at);
            record.Forget();
        }

        Clocks.WaitFor(Flow.WaitsFor(dialogue.Turn == Leg.Relay ? Owner.Relay : Owner.Client), at);
        _open.Leave(dialogue);
    }

    /// <summary>The session until now, whose time a fault may be holding. <see cref="OpenSession"/> knows when it may be asked.</summary>
    internal SessionSoFar SoFar(long at, long held) =>
        new((Flow.ClientOctets, Flow.RelayOctets), Clocks.Until(at) + new Shares(0, 0, held), null);

    /// <summary>Something came at one time and was noticed at another: the time between is the proxy's.</summary>
    public void Delayed(long from, long to) => Clocks.Delayed(from, to);

    /// <summary>Octets passed without being looked at. Comes before <see cref="Dialogue.Skip"/>, and
    /// <see cref="Settled"/> after that.</summary>
    public void Spliced(Leg from, long octets, long at)
    {
        Clocks.Spliced(at);
        Flow.Count(from, octets);
        Metrics.Received(from, octets);
        Metrics.Transmitted(from.Other(), octets);
    }

    /// <summary>The client was turned away without hearing the reply that says why.</summary>
    public void TurnedAwayUnheard(ReadOnlySpan<byte> reply) => _parts.Evidence.TurnedAwayUnheard(reply);

    /// <summary>The proxy ends the session, and the client may not hear it; see <see cref="FailureEvidence.EndedFor"/>.</summary>
    public void EndedFor(bool tls) => _parts.Evidence.EndedFor(tls);

    /// <summary>From here on client and relay have a dialogue each: <see cref="RelayReplied"/> tells what the relay replies.</summary>
    public void DialoguesPart() => _parts.AreApart = true;

    /// <summary>The relay gave this reply in its own dialogue.</summary>
    public void RelayReplied(Operation operation, in Reply reply) => Metrics.CountReply(operation, Origin.Relay, reply);

    /// <summary>A key that names people, as far as it may be shown.</summary>
    public string KeyOf(string key) => (Record?.Addresses ?? AddressFilter.None).ApplyToKey(key);

    /// <summary>A fault strikes: from here on it is not the session that it would have been.</summary>
    public void Struck() => _parts.IsStruck = true;

    /// <summary>A fault was injected, and this is what came of it.</summary>
    public void Injected(FaultNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        _parts.Evidence.Injected(note.Rule);
        Trace.Keep(KeepReason.Fault, Clocks.Now);
        Trace.Injected(note, Clocks.RecordNow);
        _parts.Record.Injected(note);
    }

    /// <summary>Following the session failed: it goes on, and what is said from here is not seen (<c>opaque_unparsed</c>).</summary>
    public void Lost()
    {
        _isLost = true;
        _parts.Opaque = new OpaqueNote(OpaqueReason.InternalError, Flow.ReadFrom, Flow.Position);
    }

    /// <summary>A leg's stream ended. The first to end shows when the session did.</summary>
    public void Ended(Leg from, EndKind how, long at)
    {
        _parts.Evidence.LegEnded(at);
        Flow.Ended(from, how);
    }

    /// <summary>The session is over; the dialogue has been finished. Publishes the session's metrics and its journal line.</summary>
    public void Over(Dialogue dialogue, SessionOutcome outcome, long at)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _proxy.Sessions?.Remove(_open);
        Trace.KeepIf(outcome == SessionOutcome.Fault, KeepReason.Fault, at);
        Trace.KeepIf(ErrorTypes.IsAbort(outcome) || Flow.UnseenAcceptances > 0, KeepReason.Abort, at);
        var shares = Clocks.Until(at);
        var visibility = Visibilities.Of(dialogue.Opaque, _isLost);
        var finding = _parts.Evidence.Diagnose(outcome, visibility, _parts.Tls, Flow, Clocks, Metrics.RelayHasGreeted, at)?.At(Place());
        _proxy.Report(this, finding, at);
        _parts.Attempts.Over(visibility == Visibility.Tracked, _parts.Evidence.BreakOf(outcome, Clocks.Owner), _parts.Evidence.Dial,
            outcome == SessionOutcome.Quit, _parts.Evidence.QuietMilliseconds(Clocks, at), Metrics);
        Metrics.AtRisk(Flow);
        Metrics.Over(outcome, visibility, _parts.Opaque.Reason, shares.Total, Clocks.Take(at));
        var end = new SessionEnd(outcome, visibility, _parts.Opaque, _parts.Record.Said(finding), (Flow.ClientOctets, Flow.RelayOctets),
            shares);
        if (_parts.Record.Close(dialogue, end) is { } record)
        {
            record.Part += _proxy.IsPerTransaction || record.Part > 0 ? 1 : 0;
            record.TraceId = Trace.Id;
            Trace.Over(record.StartedAt + shares.Total);
            // It belongs to the writer now, and then to another session.
            _proxy.Post(record);
        }
    }

    private SessionPlace Place() => new(Metrics.Listener, Metrics.Cluster, Destination);

    private void Count(HandshakeNote note)
    {
        _proxy.Handshaken(Metrics.Listener, Destination, note);
        _parts.Tls.Handshaken(note);
        _parts.Record.Handshaken(note);
    }
}
