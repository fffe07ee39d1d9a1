using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>Follows one SMTP or LMTP dialogue exactly (PROTOCOL 1-13): takes the octets of both parties in the order in which
/// they were read, cut anywhere, and reports facts to its observer. Knows no sockets, no clock and no telemetry; changes nothing.
/// It never throws for what is on the wire: doubt ends in <see cref="OpaqueReason"/>. Not thread-safe; reusable after
/// <see cref="Reset"/>.</summary>
public sealed class Dialogue
{
    private readonly DialogueState _talk;
    private readonly ClientSide _client;
    private readonly RelaySide _relay;
    private readonly ReplyMatcher _matcher;
    private long _clientOctets;
    private long _relayOctets;
    private FinalState? _final;

    /// <summary>Creates a dialogue that waits for the greeting; call <see cref="Start"/> before the first octet.</summary>
    public Dialogue(IDialogueObserver observer, DialogueLimits limits)
    {
        _talk = new DialogueState(observer, limits);
        _client = new ClientSide(_talk);
        _matcher = new ReplyMatcher(_talk, _client);
        _relay = new RelaySide(_talk, _matcher);
    }

    /// <summary>Number of exchanges whose reply is outstanding, the greeting included.</summary>
    public int Outstanding => _talk.Queue.Count;

    /// <summary>The oldest outstanding exchange. Only while <see cref="Outstanding"/> &gt; 0.</summary>
    public ref readonly Exchange Oldest => ref _talk.Queue.Oldest;

    /// <summary>Whose move it is: the relay's while it owes a reply that it could give now; the client's otherwise (in a body
    /// or chunk that nothing precedes, behind a challenge, with nothing outstanding). Opaque: of whoever did not speak last.</summary>
    public Leg Turn => Turns.Of(_talk, _client);

    /// <summary>What the client's octets are now.</summary>
    public ClientPhase ClientPhase => _talk.Opaque == OpaqueReason.None ? _client.Phase : ClientPhase.Opaque;

    /// <summary>Whether the relay is inside a reply: some of its lines or octets have come, the rest has not.</summary>
    public bool InsideReply => _relay.InsideReply;

    /// <summary>Whether a command line has begun and not ended.</summary>
    public bool InsideCommand => _client.InsideLine;

    /// <summary>Where in the client's octets the command line began that has not ended, or the SASL response; -1: there is none.</summary>
    public long CommandBegan => _client.InsideLine ? _client.LineBegan : -1;

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => _talk.Transactions.IsOpen;

    /// <summary>The open transaction. Only while <see cref="InTransaction"/>.</summary>
    public ref readonly Transaction Transaction => ref _talk.Transactions.Open;

    /// <summary>Whether, and why, octets are not interpreted.</summary>
    public OpaqueReason Opaque => _talk.Opaque;

    /// <summary>Whether a greeting (any reply to the connection) was complete.</summary>
    public bool Greeted => _talk.GreetingCode != 0;

    /// <summary>The code of the greeting; 0 before it was complete.</summary>
    public int GreetingCode => _talk.GreetingCode;

    /// <summary>SMTP or LMTP.</summary>
    public DialogueProtocol Protocol => _talk.Protocol;

    /// <summary>What was seen of TLS.</summary>
    public TlsState Tls => _talk.Tls;

    /// <summary>The client's STARTTLS, if it is granted, leads to TLS with who follows the dialogue, who says so by
    /// <see cref="Secured"/>.</summary>
    public void EndTlsHere() => _talk.TlsStart.EndsHere = true;

    /// <summary>Where the dialogue stands; final after <see cref="Finish"/>.</summary>
    public FinalState FinalState => _final ?? Ending.StateOf(_talk, _client, _relay);

    /// <summary>Opens the greeting's exchange.</summary>
    public void Start() => _talk.Open(new Exchange { Verb = Verb.Greeting }, default, default);

    /// <summary>Instead of <see cref="Start"/>: joins a dialogue that stands between two transactions, with nothing outstanding.</summary>
    public void Join(DialogueProtocol protocol)
    {
        _talk.GreetingCode = ReplyCode.Ready;
        _talk.Protocol = protocol;
        _talk.SpeaksLmtp = protocol == DialogueProtocol.Lmtp;
        _talk.NextIndex = 1;
    }

    /// <summary>TLS is established, and what is inside is shown from here. Behind STARTTLS the client begins anew (RFC 3207, section 4.2),
    /// and what was held of it in the clear is not read; before the greeting this is implicit TLS (RFC 8314).</summary>
    public void Secured()
    {
        if (_talk.Opaque == OpaqueReason.Tls)
        {
            _relay.Secured(wasRead: _talk.TlsStart.IsUnderWayHere);
            _talk.Secured();
            _client.Secured();
            _matcher.Restart();
        }
        else
        {
            _talk.Tls = TlsState.Implicit;
        }
    }

    /// <summary>Octets of the client.</summary>
    /// <param name="octets">What was read; never changed, never kept.</param>
    /// <param name="stop">Whether to return after the first element that is complete.</param>
    /// <returns>How many octets were consumed; all, unless <paramref name="stop"/> asked to stop behind an element (a command
    /// line, the end of data, a chunk, a SASL response).</returns>
    public int FromClient(ReadOnlySpan<byte> octets, StopAt stop = StopAt.Never)
    {
        if (octets.IsEmpty)
        {
            return 0;
        }

        _talk.LastToSpeak = Leg.Client;
        var consumed = octets.Length;
        try
        {
            if (_talk.IsRead)
            {
                consumed = _client.Read(octets, stop);
            }
            else
            {
                LookAtTls(Leg.Client, octets);
            }
        }
#pragma warning disable CA1031 // PROTOCOL 1.7: no failure of the interpreter may reach the session.
        catch (Exception)
#pragma warning restore CA1031
        {
            consumed = octets.Length;
            Fail(Leg.Client, _clientOctets);
        }

        _clientOctets += consumed;
        return consumed;
    }

    /// <summary>Octets of the relay; as <see cref="FromClient"/>, an element being one whole reply.</summary>
    public int FromRelay(ReadOnlySpan<byte> octets, StopAt stop = StopAt.Never)
    {
        if (octets.IsEmpty)
        {
            return 0;
        }

        _talk.LastToSpeak = Leg.Relay;
        var consumed = octets.Length;
        try
        {
            if (_talk.ReadsRelay)
            {
                var before = _relay.At;
                consumed = _relay.Read(octets, stop);
                // Octets behind the 220 to STARTTLS in the same read belong to TLS already.
                if (_talk.TlsStart.Watches(Leg.Relay) && _talk.OpaqueAt - before is var cut && cut < consumed)
                {
                    LookAtTls(Leg.Relay, octets[(int)cut..]);
                }
            }
            else
            {
                LookAtTls(Leg.Relay, octets);
            }
        }
#pragma warning disable CA1031 // PROTOCOL 1.7.
        catch (Exception)
#pragma warning restore CA1031
        {
            consumed = octets.Length;
            Fail(Leg.Relay, _relayOctets);
        }

        if (!_talk.IsRead)
        {
            _client.Forget();
        }

        _talk.Queue.Rest();
        _relayOctets += consumed;
        return consumed;
    }

    /// <summary>A whole reply that did not come from the relay but is sent to the client in its name (relay unreachable, limits,
    /// drain, faults). Goes to the oldest exchange, or to none; raises no anomaly; 421 closes.</summary>
    public void FromProxy(ReadOnlySpan<byte> reply)
    {
        if (_talk.Opaque == OpaqueReason.None && Reply.TryRead(reply, out var whole))
        {
            _matcher.RepliedByProxy(whole);
        }
    }

    /// <summary>Octets that the client sent before the reply came that says what they are (PROTOCOL 4.5). Only while the client's octets
    /// are <see cref="ClientPhase.Held"/>, and instead of <see cref="FromClient"/>, for a caller that keeps them: it shows them again, by
    /// that, when the reply has come.</summary>
    public void SentAhead(ReadOnlySpan<byte> octets)
    {
        _talk.LastToSpeak = Leg.Client;
        _client.SentAhead(octets);
    }

    /// <summary>Octets of this leg that need not be looked at from here: the rest of a chunk, everything when opaque
    /// (<see cref="long.MaxValue"/>), otherwise 0. Moved past with <see cref="Skip"/>.</summary>
    public long Unexamined(Leg leg) => _talk.IsDoubtful ? 0
        : _talk.Opaque != OpaqueReason.None ? _talk.TlsStart.Watches(leg) ? 0 : long.MaxValue
        : leg == Leg.Client && !_talk.Observer.ReadsMessage ? _client.ChunkLeft : 0;

    /// <summary>Octets of <see cref="Unexamined"/> that passed without being shown.</summary>
    public void Skip(Leg leg, long octets)
    {
        _talk.LastToSpeak = leg;
        if (leg == Leg.Client)
        {
            _clientOctets += octets;
            _client.Skip(octets);
        }
        else
        {
            _relayOctets += octets;
            _relay.Skip(octets);
        }
    }

    /// <summary>One direction ended. What it left incomplete is settled by <see cref="Finish"/>, when the other has ended too.</summary>
    public void Ended(Leg leg) => _talk.LastToSpeak = leg;

    /// <summary>Both directions are over: reports what is unanswered, truncated and open, and settles
    /// <see cref="FinalState"/>. Idempotent.</summary>
    public void Finish()
    {
        if (_final is null)
        {
            SettleDoubt();
            _final = Ending.StateOf(_talk, _client, _relay);
            Ending.Settle(_talk, _client, _relay);
            _client.Forget();
        }
    }

    /// <summary>The connection is over, and nobody wants to know what of: gives back what it holds. For a
    /// dialogue that is not finished.</summary>
    public void Drop()
    {
        _talk.Drop();
        _client.Forget();
    }

    /// <summary>Octets seen or skipped of a leg.</summary>
    public long Octets(Leg leg) => leg == Leg.Client ? _clientOctets : _relayOctets;

    /// <summary>Makes it new for another connection, keeping its buffers.</summary>
    public void Reset(IDialogueObserver observer)
    {
        _talk.Restart(observer);
        _client.Restart();
        _relay.Restart();
        _matcher.Restart();
        (_clientOctets, _relayOctets, _final) = (0, 0, null);
    }

    /// <summary>The relay will not show any more what it took the client's octets for.</summary>
    private void SettleDoubt()
    {
        if (_talk.IsDoubtful && !_relay.InsideReply)
        {
            _talk.BecomeOpaque(OpaqueReason.Tls, Leg.Client, _talk.OpaqueAt);
        }
        else
        {
            _client.ReadAsCommands();
        }
    }

    /// <summary>The interpreter failed, or its observer did, who may fail again when told so: nothing of it may come out.</summary>
    private void Fail(Leg leg, long octet)
    {
        try
        {
            _talk.BecomeOpaque(OpaqueReason.InternalError, leg, octet);
        }
#pragma warning disable CA1031 // PROTOCOL 1.7.
        catch (Exception)
#pragma warning restore CA1031
        {
            _talk.Queue.Clear();
        }
    }

    private void LookAtTls(Leg leg, ReadOnlySpan<byte> octets)
    {
        if (_talk.TlsStart.Watches(leg) && _talk.TlsStart.Look(leg, octets) is { } anomaly)
        {
            _talk.Report(anomaly, leg, leg == Leg.Client ? _client.At : _talk.OpaqueAt);
        }
    }
}
