using SmtpProxy.Faults;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Client to relay, one element at a time: asks at each whether something strikes, and sends it on, later, or not at all. After an
/// element whose reply decides what the next octets are (DATA, AUTH, STARTTLS), and after one that is held, the rest waits: nothing
/// overtakes. The client's dialogue is read here, so that it never knows more than was decided.</summary>
internal sealed class CommandGate(FaultWire wire, ISessionFaults faults, FaultFacts facts, ClientView client, RelayDialogue relay)
{
    /// <summary>A line longer than this is no command; it passes unread.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly OctetQueue _waiting = new();
    private readonly BodyGate _body = new(wire, faults, facts, client);
    private CommandVerdict _verdict = null!;
    private ReplyGate _replies = null!;
    private SlotQueue _slots = null!;
    private bool _isStreaming;
    private bool _isShut;
    private bool _hasGone;
    private bool _isPumping;
    private bool _wentOn;
    private bool _hasDropped;
    private int _fed;
    private int _told;

    /// <summary>The client has ended its direction, and all that it said before is read.</summary>
    public bool HasFinished { get; private set; }

    /// <summary>Octets that count as not taken: while they are held the client is read no further. Of a line that is not
    /// whole there has to be more.</summary>
    public int Backlog => !IsForNobody && (_body is { IsHolding: true, AwaitsAnswers: false }
        || _waiting.Length > (IsBlocked ? WaitingOctets.Enough : LongestLine)) ? Math.Max(1, _waiting.Length) : 0;

    /// <summary>It waits for a reply of a relay that says no more, or for the client's own end, which must be seen: it is read.</summary>
    private bool IsForNobody => _waiting.Length > WaitingOctets.Enough
        && ((_slots.HasRelayEnded && client.Phase == ClientPhase.Held) || (_slots.WaitsForPeer && IsBlocked));

    /// <summary>Held, or in need of a reply first.</summary>
    private bool IsBlocked => _body.IsHolding || _slots.IsUrgent || _slots.IsFull || client.Phase == ClientPhase.Held || IsBehindCut;

    /// <summary>The client may be cut off at the command before this.</summary>
    private bool IsBehindCut => !client.InMessage && _slots.HoldsRest;

    /// <summary>The other direction.</summary>
    public void Bind(ReplyGate replies, SlotQueue slots)
    {
        (_replies, _slots) = (replies, slots);
        _verdict = new CommandVerdict(wire, faults, facts, client, relay, replies, slots);
        _body.Bind(replies, slots);
    }

    /// <summary>Octets of the client.</summary>
    public void Take(ReadOnlySpan<byte> octets)
    {
        if (wire.IsOver || IsForNobody)
        {
            // Where the relay has ended the session does as well, and in order.
            _hasDropped |= _slots.WaitsForPeer;
            return;
        }

        if (_waiting.Length == 0 && !_isPumping)
        {
            _isPumping = true;
            while (!octets.IsEmpty && !IsBlocked && !wire.IsOver && Process(octets) is var taken and > 0)
            {
                octets = octets[taken..];
            }

            _isPumping = false;
        }

        if (!octets.IsEmpty)
        {
            _waiting.Append(octets);
            Pump();
        }
    }

    /// <summary>Whether what had waited was read since this was asked last.</summary>
    public bool TakeWentOn() => _wentOn && !(_wentOn = false);

    /// <summary>A reply came, or a hold is over: goes on with what waits.</summary>
    public void Pump()
    {
        if (_isPumping || wire.IsOver)
        {
            return;
        }

        _body.FlushIfLost();
        _body.GoOnIfAnswered();
        if (_hasDropped && !IsBlocked && !wire.IsOver)
        {
            // A halt let the session go on, of which not all is there any more.
            wire.EndAll(EndKind.Reset);
            return;
        }

        _isPumping = true;
        while (_waiting.Length > 0 && !IsBlocked && !wire.IsOver && Process(_waiting.Octets) is var taken and > 0)
        {
            _waiting.Remove(taken);
            (_told, _wentOn) = (0, true);
        }

        _isPumping = false;
        TellAhead();
        FinishIfShut();
    }

    /// <summary>What had gone on ahead of a reply is understood once the client was told that, and before it is told the
    /// next one.</summary>
    public void Understand()
    {
        if (_hasGone && !_isPumping && !wire.IsOver)
        {
            Read(opensSlots: true);
        }
    }

    /// <summary>The dialogue knows of what waits for a reply, though not what it is.</summary>
    private void TellAhead()
    {
        if (client.Phase == ClientPhase.Held && _told < _waiting.Length)
        {
            client.SentAhead(_waiting.Octets[_told..]);
            _told = _waiting.Length;
        }
    }

    /// <summary>The client has ended its direction.</summary>
    public void Shut()
    {
        _isShut = true;
        FinishIfShut();
    }

    /// <summary>A hold is over.</summary>
    /// <param name="isReleased">By a halt: what has not struck yet does not.</param>
    public void Continue(bool isReleased = false)
    {
        _body.Continue(isReleased);
        Pump();
    }

    /// <summary>The fleet has answered something.</summary>
    public void Decided()
    {
        if (_body.IsAsking)
        {
            Continue();
        }
    }

    /// <summary>The client has TLS: what waits was said in the clear, and goes nowhere.</summary>
    public void Secured()
    {
        _body.Drop();
        _waiting.Clear();
        (_fed, _told, _isStreaming, _hasGone) = (0, 0, false, false);
    }

    /// <summary>The client is gone: what waits goes nowhere.</summary>
    public void Drop()
    {
        _body.Drop();
        // It was said, all the same.
        Read(opensSlots: false);
        _waiting.Clear();
        _fed = 0;
    }

    private void FinishIfShut()
    {
        if (!_isShut || _body.IsHolding || wire.IsOver || (_waiting.Length > 0 && IsBehindCut))
        {
            return;
        }

        _isShut = false;
        if (_waiting.Length > 0)
        {
            // Half a command, or octets ahead of a reply: the relay gets them as it would have. What they mean is known later.
            wire.Forward(_waiting.Octets);
            _hasGone = true;
            Read(opensSlots: true);
        }

        _body.Flush();
        HasFinished = true;
        if (!wire.IsRelayGone)
        {
            wire.ToRelay.Shut();
        }
    }

    /// <summary>Reads what waits, as far as it can be understood, and asks no rule about it: it has gone on, or goes nowhere.</summary>
    private void Read(bool opensSlots)
    {
        while (_waiting.Length > 0 && client.Phase != ClientPhase.Held)
        {
            _waiting.Remove(Said(_waiting.Octets));
            (_told, _wentOn) = (0, true);
            if (opensSlots && !wire.IsRelayGone)
            {
                Expect();
            }
        }
    }

    private int Process(ReadOnlySpan<byte> octets)
    {
        switch (client.Phase)
        {
            case var _ when _hasGone:
                Read(opensSlots: true);
                return 0;
            case ClientPhase.Opaque:
                _body.FlushIfLost();
                return Pass(octets);
            case ClientPhase.Data or ClientPhase.Chunk:
                return _body.Take(octets);
            default:
                return Line(octets);
        }
    }

    private int Line(ReadOnlySpan<byte> octets)
    {
        _isStreaming &= client.IsInsideCommand;
        // TLS that nobody asked for is no command that anybody could wait for.
        var isTls = !_isStreaming
            && ClientHelloRecord.Judge(octets[..Math.Min(octets.Length, ClientHelloRecord.Enough)]) != Plausibility.Implausible;
        var end = octets.IndexOf((byte)'\n');
        if (end < 0 && !_isStreaming && !isTls && !MayPassUnread(octets.Length))
        {
            // The dialogue knows that a line has begun; its octets wait.
            _fed = Said(octets);
            return 0;
        }

        if (isTls || end < 0)
        {
            // Nobody waits for it at any command: it goes as it comes.
            _isStreaming = true;
            return Pass(octets);
        }

        var line = octets[..(end + 1)];
        if (_isStreaming)
        {
            _isStreaming = false;
            wire.Forward(line);
            Follow(line);
            return line.Length;
        }

        line = line[..Said(line)];
        _verdict.Decide(line, _body);
        return line.Length;
    }

    /// <summary>Octets go as they come.</summary>
    private int Pass(ReadOnlySpan<byte> octets)
    {
        wire.Forward(octets);
        // What may be TLS and is answered in SMTP is followed again.
        for (var rest = octets; !rest.IsEmpty;)
        {
            rest = rest[Said(rest)..];
        }

        return octets.Length;
    }

    /// <summary>Shows an element to the dialogue, except for what it has seen of it.</summary>
    private int Said(ReadOnlySpan<byte> octets)
    {
        var length = _fed + client.Said(octets[_fed..]);
        _fed = 0;
        return length;
    }

    /// <summary>The end of a line that went as it came, and lines that were no lines before it.</summary>
    private void Follow(ReadOnlySpan<byte> line)
    {
        while (!line.IsEmpty)
        {
            line = line[client.Said(line)..];
            Expect();
        }
    }

    /// <summary>What was read is the relay's to answer, if it has not done so, and no rule was asked about it.</summary>
    private void Expect()
    {
        FaultPoint? point = client.Opened is { } verb ? CommandPoints.Of(verb, client.IsLast)
            : client.HasResponded ? FaultPoint.AuthStep : client.HasBodyEnded ? FaultPoint.EndOfData : null;
        if (point is { } its && !_slots.TakeAhead())
        {
            _replies.Owe(_slots.Open(its, CommandPoints.OperationOf(its), null));
        }
    }

    private bool MayPassUnread(int length) =>
        length > LongestLine || client.HasUnsizedChunk || (!wire.IsRelayGone && _slots.Shown is null
            && CommandPoints.All.All(point => faults.Watches(point) == Watch.None));
}
