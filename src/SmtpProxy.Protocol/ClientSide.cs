using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Lines;

namespace SmtpProxy.Protocol;

/// <summary>Reads what the client sends: command lines, message data, chunks, SASL responses; and holds what cannot be read yet.</summary>
internal sealed class ClientSide(DialogueState talk)
{
    private LineFramer _lines;
    private MessageBody _body;
    private HeldOctets _held;
    private HelloWatch _hello;
    private LineStart _start;
    private bool _isStarted;
    private Verb _holder;
    private ChunkCount _chunk;
    private bool _readingHeld;
    private long _aheadUntil;

    /// <summary>What the octets are now. After TLS or in doubt the conversation is opaque, whatever this says.</summary>
    public ClientPhase Phase { get; private set; }

    /// <summary>Position of the next octet in the client's stream.</summary>
    public long At { get; private set; }

    /// <summary>Octets of a command line that is not complete, or may be one.</summary>
    public bool InsideLine => _lines.Pending > 0 || !_hello.Octets.IsEmpty;

    /// <summary>Position of the first octet of the line that was begun last.</summary>
    public long LineBegan => _start.At;

    /// <summary>Octets left of the chunk.</summary>
    public long ChunkLeft => Phase == ClientPhase.Chunk ? _chunk.Left : 0;

    /// <summary>Octets that are held.</summary>
    public ReadOnlySpan<byte> Held => _held.Octets;

    /// <summary>What is being read was sent before it was known what it is.</summary>
    private bool WasHeld => _readingHeld || At < _aheadUntil;

    /// <summary>A new dialogue.</summary>
    public void Restart()
    {
        Forget();
        Phase = ClientPhase.Command;
        (At, _aheadUntil, _chunk) = (0, 0, default);
        _readingHeld = _isStarted = false;
    }

    /// <summary>Commands again, in the same stream.</summary>
    public void Secured()
    {
        var at = At;
        Restart();
        At = at;
    }

    /// <summary>Gives back what is kept of a line and what is held: nothing of it will be read.</summary>
    public void Forget()
    {
        _lines.Reset();
        _held.Clear();
        _hello.Clear();
    }

    /// <summary>Octets that are shown again when it is known what they are; see <see cref="Dialogue.SentAhead"/>.</summary>
    public void SentAhead(ReadOnlySpan<byte> octets) =>
        At += Phase == ClientPhase.Held && talk is { IsRead: true, IsDoubtful: false } ? _held.HoldAhead(octets, talk.Limits) : 0;

    /// <summary>Reads octets; see <see cref="Dialogue.FromClient"/>.</summary>
    public int Read(ReadOnlySpan<byte> octets, StopAt stop)
    {
        var consumed = 0;
        while (talk.IsRead && (consumed < octets.Length || !_hello.Line.IsEmpty))
        {
            var again = _hello.Line;
            var complete = ReadOne(again.IsEmpty ? octets[consumed..] : again, out var taken);
            if (again.IsEmpty)
            {
                consumed += taken;
            }
            else
            {
                _hello.Remove(taken);
            }

            // Octets that were given back and are left go with this call where it has no others: the relay may speak before the next one.
            if (complete && stop == StopAt.Element && (_hello.Line.IsEmpty || consumed < octets.Length))
            {
                break;
            }
        }

        if (!talk.IsRead)
        {
            Forget();
            At += octets.Length - consumed;
            consumed = octets.Length;
        }

        return consumed;
    }

    /// <summary>The relay has read as commands what may have been TLS.</summary>
    public void ReadAsCommands()
    {
        if (talk.IsDoubtful)
        {
            talk.Trust();
            _isStarted = true;
            Continue(ClientPhase.Command);
            return;
        }

        _isStarted |= _hello.IsOpen;
        _hello.GiveBack();
        Read([], StopAt.Never);
    }

    /// <summary>The relay has completed a reply: it speaks SMTP, and has read as commands whatever it has been sent.</summary>
    public void Answered()
    {
        if (talk.IsDoubtful)
        {
            ReadAsCommands();
            if (talk is { IsRead: true, Queue.Count: 0 })
            {
                // It did not wait for the line's end.
                _lines.Reset();
                talk.Open(new Exchange { Verb = Verb.NotAVerb, Pipelined = _start.Pipelined }, default, default);
            }
        }
        else if (_hello.Octets.Contains((byte)'\n'))
        {
            ReadAsCommands();
        }
    }

    /// <summary>The reply that the held octets were waiting for is complete: reads them as what they turned out to be.</summary>
    public void Continue(ClientPhase phase)
    {
        Phase = phase;
        if (phase == ClientPhase.Data)
        {
            _body = MessageBody.Start(At - _held.Length, talk.Limits.OnlyFraming);
        }

        At -= _held.Length;
        _aheadUntil = _isStarted ? 0 : At + _held.Ahead;
        if (_held.Ahead > 0)
        {
            _held.Clear();
            return;
        }

        var (buffer, length) = _held.Take();
        // What waited to be known for TLS stands where it stands, and not behind a command that it waited for.
        _readingHeld = !_isStarted;
        Read(buffer.AsSpan(0, length), StopAt.Never);
        _readingHeld = false;
        HeldOctets.Return(buffer, length);
    }

    /// <summary>The final reply came before the end of data: no second one is expected (PROTOCOL 5.7).</summary>
    public void BodyWasAnswered() => _body.IsAnswered = true;

    /// <summary>Chunk octets that nobody looked at.</summary>
    public void Skip(long octets)
    {
        At += octets;
        if (Phase == ClientPhase.Chunk)
        {
            Chunk(Math.Min(octets, _chunk.Left));
        }
    }

    private bool ReadOne(ReadOnlySpan<byte> octets, out int taken)
    {
        taken = octets.Length;
        if (talk.IsDoubtful)
        {
            Hold(octets);
            return false;
        }

        var before = At;
        bool complete;
        switch (Phase)
        {
            case ClientPhase.Held:
                Hold(octets);
                return false;
            case ClientPhase.Data:
                At += _body.Read(talk, octets, WasHeld, out complete);
                Phase = complete ? ClientPhase.Command : Phase;
                break;
            case ClientPhase.Chunk:
                taken = (int)Math.Min(octets.Length, _chunk.Left);
                At += taken;
                if (talk.Observer.ReadsMessage)
                {
                    talk.Observer.Message(octets[..taken]);
                }

                return Chunk(taken);
            default:
                if (_hello.IsOpen || (_lines.Pending == 0 && !BeginLine(octets[0])))
                {
                    Watch(octets, out taken);
                    return false;
                }

                complete = ReadLine(octets);
                break;
        }

        taken = (int)(At - before);
        return complete;
    }

    private void Hold(ReadOnlySpan<byte> octets)
    {
        if (!_held.TryHold(octets, talk.Limits))
        {
            talk.HoldsNoMore(behindData: Phase == ClientPhase.Held && _holder == Verb.Data, At - _held.Length);
        }

        At += octets.Length;
    }

    /// <summary>Octets of a line that may be the beginning of TLS.</summary>
    private void Watch(ReadOnlySpan<byte> octets, out int taken)
    {
        var judged = _hello.Take(octets, out taken);
        if (judged == Plausibility.Plausible)
        {
            talk.Doubt(_start.At);
            Hold(_hello.Octets);
            _hello.Clear();
        }
        else if (judged == Plausibility.Implausible)
        {
            _isStarted = true;
            _hello.GiveBack();
        }
    }

    private bool ReadLine(ReadOnlySpan<byte> octets)
    {
        var complete = _lines.TryRead(octets, talk.Limits.LinePrefix, out var consumed, out var line);
        At += consumed;
        if (!complete)
        {
            return false;
        }

        if (Phase == ClientPhase.Auth)
        {
            // One SASL response (RFC 4954 4): exactly one line after each challenge, whatever it reads.
            _start.ReportResponse(talk, line);
            Phase = ClientPhase.Held;
            talk.Observer.Responded(ref talk.Queue.Oldest);
        }
        else
        {
            Command(line);
        }

        _lines.Release();
        return true;
    }

    /// <summary>Remembers what was outstanding at a line's first octet; false: that may be the beginning of TLS (PROTOCOL 7.7).</summary>
    private bool BeginLine(byte first)
    {
        if (!_isStarted)
        {
            _start = LineStart.Of(talk, At, WasHeld ? _holder : null, Phase == ClientPhase.Auth);
            if (Phase == ClientPhase.Command && first == ClientHelloRecord.Handshake && _hello.Octets.IsEmpty)
            {
                return false;
            }
        }

        _isStarted = false;
        _start.ReportEarly(talk);
        return true;
    }

    private void Command(in Line line)
    {
        if (!CommandReading.TryOpen(talk, _start, line, out var verb))
        {
            return;
        }

        if (Verbs.Holds(verb))
        {
            _holder = verb;
            Phase = ClientPhase.Held;
        }
        else if (verb == Verb.Bdat && talk.Queue.Youngest.Size >= 0)
        {
            _chunk.Left = talk.Queue.Youngest.Size;
            Phase = ClientPhase.Chunk;
            Chunk(0);
        }
    }

    /// <summary>Octets of a chunk passed; true after its last.</summary>
    private bool Chunk(long octets)
    {
        var isOver = _chunk.Pass(talk, octets);
        Phase = isOver ? ClientPhase.Command : Phase;
        return isOver;
    }
}
