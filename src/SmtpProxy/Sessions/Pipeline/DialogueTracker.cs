using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Pipeline;

#pragma warning disable CA1031 // Law 2: no failure of the record may reach the session.

/// <summary>What a session knows of its dialogue, and where it is recorded. Whatever goes wrong in here ends the observation and never
/// the session (law 2, PROTOCOL 1.7): from then on it is blind and answers as for an opaque session.</summary>
internal sealed class DialogueTracker
{
    private readonly SessionTelemetry _telemetry;
    private readonly Dialogue _dialogue;
    private readonly SharedObserver _observer;
    private readonly Action<Exception> _failed;
    private Leg? _blocked;
    private bool _isOpen;
    private bool _blind;

    public DialogueTracker(SessionTelemetry telemetry, Action<Exception> failed)
    {
        _telemetry = telemetry;
        _observer = new SharedObserver(telemetry.Observer, this);
        _dialogue = new Dialogue(_observer, DialogueLimits.Default);
        _failed = failed;
    }

    /// <summary>The dialogue itself, for who reads it.</summary>
    public Dialogue Dialogue => _dialogue;

    /// <summary>Somebody on the way to the relay reads what the client says, element by element, and decides by it: the session
    /// does not read it again.</summary>
    public bool IsClientRead => _observer.Reader is not null;

    /// <summary>The same reads what the client hears.</summary>
    public bool IsRelayRead { get; private set; }

    /// <summary>Not followed: encrypted, not SMTP, out of sync, or the observer itself failed.</summary>
    public bool IsOpaque => _blind || _dialogue.Opaque != OpaqueReason.None;

    /// <summary>SMTP or LMTP.</summary>
    public DialogueProtocol Protocol => _blind ? DialogueProtocol.Unknown : _dialogue.Protocol;

    /// <summary>Whether a greeting was complete.</summary>
    public bool Greeted => !_blind && _dialogue.Greeted;

    /// <summary>The greeting was 4yz or 5yz; 421 too, whose final state is another.</summary>
    public bool GreetingRefused => !_blind && _dialogue.GreetingCode / 100 is 4 or 5;

    /// <summary>QUIT was answered 2yz.</summary>
    public bool Quit => !_blind && _dialogue.FinalState == FinalState.Quit;

    /// <summary>Whose move it is.</summary>
    public Leg Turn => _blind ? Leg.Client : _dialogue.Turn;

    /// <summary>What the client's octets are.</summary>
    public ClientPhase Phase => _blind ? ClientPhase.Opaque : _dialogue.ClientPhase;

    /// <summary>The oldest exchange without a reply, or null.</summary>
    public Operation? Awaited => !_blind && _dialogue.Outstanding > 0 ? _dialogue.Oldest.Operation : null;

    /// <summary>Which reply is outstanding for the longest time; null: none is. Tells one wait from the next.</summary>
    public (int Index, int Part)? AwaitedReply =>
        !_blind && _dialogue.Outstanding > 0 ? (_dialogue.Oldest.Index, _dialogue.Oldest.Part) : null;

    /// <summary>Whether some of the relay's reply has come, and the rest has not.</summary>
    public bool InsideReply => !_blind && _dialogue.InsideReply;

    /// <summary>Where in the client's octets the command line, or SASL response, began that is not complete; -1: there is none.</summary>
    public long CommandBegan => _blind ? -1 : _dialogue.CommandBegan;

    /// <summary>Whether a reply of ours would stand alone: nothing of the relay's reply is half said, and the client reads SMTP.</summary>
    public bool MaySpeak => !_blind && !_dialogue.InsideReply && _dialogue.Opaque == OpaqueReason.None;

    /// <summary>Between transactions, with nothing asked and nothing half said: the moment to part without loss.</summary>
    public bool IsAtRest => MaySpeak
        && _dialogue is { Outstanding: 0, InTransaction: false, InsideCommand: false, ClientPhase: ClientPhase.Command };

    /// <summary>Octets of this leg that nobody needs to look at.</summary>
    public long Unexamined(Leg from) => _blind ? long.MaxValue : _telemetry.IsHandshaking ? 0 : _dialogue.Unexamined(from);

    public void Accepted(EndPoint client, EndPoint local, long arrived, long at) => Guard((client, local, arrived, at), static (o, e) =>
    {
        o._telemetry.Accepted(e.client, e.local, e.arrived, e.at);
        o._dialogue.Start();
    });

    public void Dialling(string destination, EndPoint address, long at) =>
        Guard((destination, address, at), static (o, e) => o._telemetry.Dialling(e.destination, e.at, e.address));

    public void Dialled(DialNote dial, long at) => Guard((dial, at), static (o, e) => o._telemetry.Dialled(e.dial, e.at));

    /// <summary>Octets of a leg that had come at <paramref name="readAt"/> were handed on at <paramref name="sentAt"/>.
    /// <paramref name="origin"/> says whose words they are, where they are not the client's; <paramref name="blocked"/> is the leg that
    /// does not take them, or null.</summary>
    public void Passed(Leg from, ReadOnlySpan<byte> octets, Origin origin, long readAt, long sentAt, Leg? blocked)
    {
        if (_blind)
        {
            if (IsClientRead)
            {
                Follow(from, octets);
            }

            return;
        }

        // The hot path: no closure here.
        try
        {
            // Words of the guard come from the relay's side, and are no octets of the relay.
            _telemetry.Read(from, origin == Origin.Proxy ? [] : octets, readAt);
            _telemetry.Origin = origin;
            Follow(from, octets);
            _telemetry.Origin = Origin.Relay;
            _blocked = blocked;
            _telemetry.Settled(_dialogue, blocked, sentAt);
        }
        catch (Exception e)
        {
            RecordFailed(e);
        }
    }

    /// <summary>From here on somebody else reads the dialogue; null: nobody does.</summary>
    /// <param name="reader">Hears what becomes certain.</param>
    /// <param name="readsRelay">It reads both directions, and not what the client says alone.</param>
    public void ReadBy(IDialogueObserver? reader, bool readsRelay) => (_observer.Reader, IsRelayRead) = (reader, readsRelay);

    /// <summary>Octets were read, and whoever reads the dialogue is about to see them.</summary>
    public void Begin(Leg from, ReadOnlySpan<byte> octets, long readAt)
    {
        if (_blind)
        {
            return;
        }

        try
        {
            _isOpen = true;
            _telemetry.Read(from, octets, readAt);
        }
        catch (Exception e)
        {
            RecordFailed(e);
        }
    }

    /// <summary>More words for the client, of octets that have begun or of nobody's.</summary>
    public void BeginMore(long at)
    {
        if (!_isOpen)
        {
            Begin(Leg.Relay, [], at);
        }
    }

    /// <summary>Reads what the client hears, up to the end of a reply. Returns how many octets belong to it.</summary>
    public int Heard(ReadOnlySpan<byte> octets, Origin origin)
    {
        _telemetry.Origin = origin;
        var length = _dialogue.FromRelay(octets, StopAt.Element);
        _telemetry.Origin = Origin.Relay;
        return length;
    }

    /// <summary>What was read has gone on, or waits for a leg that does not take it.</summary>
    public void Settle(Leg? blocked, long sentAt)
    {
        (_isOpen, _blocked) = (false, blocked);
        GoOn(sentAt);
    }

    /// <summary>What had begun has come to nothing so far.</summary>
    public void SettleIfOpen(Leg? blocked, long at)
    {
        if (_isOpen)
        {
            Settle(blocked, at);
        }
    }

    /// <summary>The dialogue went on by what had waited.</summary>
    public void GoOn(long at) => Guard(at, static (o, e) => o._telemetry.Settled(o._dialogue, o._blocked, e));

    public void Spliced(Leg from, long octets, long arrived, long at)
    {
        Guard((arrived, at), static (o, e) => o._telemetry.Delayed(e.arrived, e.at));
        Guard((from, octets, at), static (o, e) => o._telemetry.Spliced(e.from, e.octets, e.at));
        Follow((from, octets), static (o, e) => o._dialogue.Skip(e.from, e.octets));
        Guard(at, static (o, e) => o._telemetry.Settled(o._dialogue, null, e));
    }

    /// <summary>TLS with the client is established, and what is inside is shown from here.</summary>
    public void Secured(long at)
    {
        Follow(at, static (o, _) => o._dialogue.Secured());
        Guard(at, static (o, _) => o._telemetry.Secured());
        Guard(at, static (o, e) => o._telemetry.Settled(o._dialogue, null, e));
    }

    /// <summary>A blocked leg takes octets again.</summary>
    public void Unblocked(long at)
    {
        _blocked = null;
        GoOn(at);
    }

    /// <summary>A reply of ours went to the client.</summary>
    public void Spoke(byte[] reply, long at) => Guard((reply, at), static (o, e) =>
    {
        o._telemetry.Origin = Origin.Proxy;
        o._dialogue.FromProxy(e.reply);
        o._telemetry.Origin = Origin.Relay;
        o._telemetry.Settled(o._dialogue, null, e.at);
        // What had begun before has not settled: its mark, which nobody disposes of, stands until it does.
        _ = o._isOpen ? o._telemetry.Change() : default;
    });

    /// <summary>The relay gave this reply, which the client may hear or not.</summary>
    public void RelayReplied(Operation operation, in Reply reply)
    {
        if (_blind)
        {
            return;
        }

        try
        {
            _telemetry.RelayReplied(operation, reply);
        }
        catch (Exception e)
        {
            RecordFailed(e);
        }
    }

    /// <summary>The client gets no session, and was not worth being told so.</summary>
    public void TurnedAwayUnheard(byte[] reply) => Guard(reply, static (o, e) => o._telemetry.TurnedAwayUnheard(e));

    /// <summary>One direction is over.</summary>
    public void Ended(Leg from, EndKind how, long arrived, long at) => Guard((from, how, arrived, at), static (o, e) =>
    {
        o._telemetry.Delayed(e.arrived, e.at);
        o._telemetry.Ended(e.from, e.how, e.at);
        o._dialogue.Ended(e.from);
    });

    /// <summary>Both directions are over: settles what the dialogue came to.</summary>
    public void Finish() => Guard(0, static (o, _) => o._dialogue.Finish());

    /// <summary>Publishes the record; also when blind: what was certain until then.</summary>
    public void Over(SessionOutcome outcome, long at)
    {
        try
        {
            _telemetry.Over(_dialogue, outcome, at);
        }
        catch (Exception e)
        {
            RecordFailed(e);
        }
    }

    /// <summary>The dialogue goes on, even where it is recorded no more: somebody decides by it.</summary>
    private void Follow<TEvent>(TEvent what, Action<DialogueTracker, TEvent> observe)
    {
        if (!_blind)
        {
            Guard(what, observe);
        }
        else if (IsClientRead)
        {
            observe(this, what);
        }
    }

    private void Follow(Leg from, ReadOnlySpan<byte> octets) =>
        _ = from == Leg.Client ? _dialogue.FromClient(octets) : _dialogue.FromRelay(octets);

    private void Guard<TEvent>(TEvent what, Action<DialogueTracker, TEvent> observe)
    {
        if (_blind)
        {
            return;
        }

        try
        {
            using var change = _telemetry.Change();
            observe(this, what);
        }
        catch (Exception e)
        {
            RecordFailed(e);
        }
    }

    /// <summary>Recording failed: nothing more is recorded. That is said once, whatever fails after it.</summary>
    public void RecordFailed(Exception e)
    {
        if (_blind)
        {
            return;
        }

        _blind = true;
        _telemetry.Lost();
        using (_telemetry.Trace.Enter())
        {
            _failed(e);
        }
    }
}
