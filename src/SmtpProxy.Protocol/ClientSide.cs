namespace SmtpProxy.Protocol;

/// <summary>Reads what the client sends: command lines, message data, chunks, SASL responses; and holds what cannot be read yet.</summary>
internal sealed class ClientSide(Conversation talk)
{
    private const byte TlsHandshakeRecord = 0x16;
    private LineFramer _lines;
    private MessageBody _body;
    private HeldOctets _held;
    private LineStart _start;
    private Verb _holder;
    private long _chunkLeft;
    private long _at;
    private bool _readingHeld;

    /// <summary>What the octets are now. After TLS or in doubt the conversation is opaque, whatever this says.</summary>
    public ClientPhase Phase { get; private set; }

    /// <summary>Position of the next octet in the client's stream.</summary>
    public long At => _at;

    /// <summary>Octets of a command line that is not complete.</summary>
    public bool InsideLine => _lines.Pending > 0;

    /// <summary>Octets left of the chunk.</summary>
    public long ChunkLeft => Phase == ClientPhase.Chunk ? _chunkLeft : 0;

    /// <summary>Octets that are held.</summary>
    public ReadOnlySpan<byte> Held => _held.Octets;

    /// <summary>A new dialogue.</summary>
    public void Restart()
    {
        Forget();
        Phase = ClientPhase.Command;
        _at = _chunkLeft = 0;
        _readingHeld = false;
    }

    /// <summary>Commands again, in the same stream.</summary>
    public void Secured()
    {
        var at = _at;
        Restart();
        _at = at;
    }

    /// <summary>Gives back what is kept of a line and what is held: nothing of it will be read.</summary>
    public void Forget()
    {
        _lines.Reset();
        _held.Clear();
    }

    /// <summary>Reads octets; see <see cref="Dialogue.FromClient"/>.</summary>
    public int Read(ReadOnlySpan<byte> octets, StopAt stop)
    {
        var consumed = 0;
        while (consumed < octets.Length && talk.Opaque == OpaqueReason.None)
        {
            var before = _at;
            var complete = ReadOne(octets[consumed..]);
            consumed += (int)(_at - before);
            if (complete && stop == StopAt.Element)
            {
                break;
            }
        }

        if (talk.Opaque != OpaqueReason.None)
        {
            Forget();
            _at += octets.Length - consumed;
            consumed = octets.Length;
        }

        return consumed;
    }

    /// <summary>The reply that the held octets were waiting for is complete: reads them as what they turned out to be.</summary>
    public void Continue(ClientPhase phase)
    {
        Phase = phase;
        if (phase == ClientPhase.Data)
        {
            _body = MessageBody.Start(_at - _held.Length);
        }

        if (_held.Length == 0)
        {
            return;
        }

        var (buffer, length) = _held.Take();
        _at -= length;
        _readingHeld = true;
        Read(buffer.AsSpan(0, length), StopAt.Never);
        _readingHeld = false;
        HeldOctets.Return(buffer, length);
    }

    /// <summary>The final reply came before the end of data: no second one is expected (PROTOCOL 5.7).</summary>
    public void BodyWasAnswered() => _body.IsAnswered = true;

    /// <summary>Chunk octets that nobody looked at.</summary>
    public void Skip(long octets)
    {
        _at += octets;
        if (Phase == ClientPhase.Chunk)
        {
            Chunk(Math.Min(octets, _chunkLeft));
        }
    }

    private bool ReadOne(ReadOnlySpan<byte> octets)
    {
        switch (Phase)
        {
            case ClientPhase.Held:
                if (!_held.TryHold(octets, talk.Limits.HeldOctets))
                {
                    talk.BecomeOpaque(OpaqueReason.Limit, Party.Client, _at);
                    return false;
                }

                _at += octets.Length;
                return false;
            case ClientPhase.Data:
                return ReadBody(octets);
            case ClientPhase.Chunk:
                var taken = (int)Math.Min(octets.Length, _chunkLeft);
                _at += taken;
                if (talk.Observer.ReadsMessage)
                {
                    talk.Observer.Message(octets[..taken]);
                }

                return Chunk(taken);
            default:
                return ReadLine(octets);
        }
    }

    private bool ReadLine(ReadOnlySpan<byte> octets)
    {
        if (_lines.Pending == 0 && !BeginLine(octets[0]))
        {
            return false;
        }

        var complete = _lines.TryRead(octets, talk.Limits.LinePrefix, out var consumed, out var line);
        _at += consumed;
        if (!complete)
        {
            return false;
        }

        if (Phase == ClientPhase.Auth)
        {
            Response(line);
        }
        else
        {
            Command(line);
        }

        _lines.Release();
        return true;
    }

    /// <summary>Remembers what was outstanding at a line's first octet; false when it is the beginning of TLS (PROTOCOL 7.7).</summary>
    private bool BeginLine(byte first)
    {
        var queued = talk.Queue.Count;
        var greeted = talk.GreetingCode != 0;
        if (Phase == ClientPhase.Command && first == TlsHandshakeRecord)
        {
            if (_at == 0 && !greeted)
            {
                talk.Tls = TlsState.Implicit;
            }
            else
            {
                talk.Report(Anomaly.TlsOnPlaintext, Party.Client, _at);
            }

            talk.BecomeOpaque(OpaqueReason.Tls, Party.Client, _at);
            return false;
        }

        if (_at == 0 && !greeted && queued > 0)
        {
            talk.Report(Anomaly.EarlyTalker, Party.Client, 0);
        }

        _start = new LineStart(
            _at,
            Pipelined: _readingHeld || queued > 0,
            BehindCommand: _readingHeld || queued > (greeted ? 0 : 1),
            BehindGroupEnd: (_readingHeld && Verbs.EndsGroup(_holder)) || talk.Queue.GroupEnds > 0,
            // What was meant as SASL responses must not be read as anything else.
            MayBeSecret: talk.BehindAuth || Phase == ClientPhase.Auth || (_readingHeld && _holder == Verb.Auth));
        return true;
    }

    private void Command(in Line line)
    {
        var command = CommandLine.Parse(line.Text);
        _start.Report(talk, line, command);
        if (talk.Queue.Count >= talk.Limits.Outstanding)
        {
            talk.BecomeOpaque(OpaqueReason.Limit, Party.Client, _start.At);
            return;
        }

        var verb = command.Verb;
        var arguments = command.Arguments;
        var verbText = command.VerbText;
        if (verb == Verb.Unknown && _start.MayBeSecret)
        {
            verb = Verb.NotAVerb;
            verbText = arguments = default;
        }

        if (verb > Verb.EndOfData)
        {
            talk.BehindAuth = false;
            talk.Protocol = verb == Verb.Lhlo ? DialogueProtocol.Lmtp
                : talk.Protocol == DialogueProtocol.Unknown ? DialogueProtocol.Smtp : talk.Protocol;
        }

        var exchange = new Exchange { Verb = verb, Pipelined = _start.Pipelined };
        switch (verb)
        {
            case Verb.Bdat when !ChunkSize.TryParse(arguments, out exchange.Size, out exchange.Last):
                talk.Report(Anomaly.BadBdat, Party.Client, _start.At);
                break;
            case Verb.Burl:
                exchange.Last = CommandLine.HasParameter(arguments, "LAST"u8);
                break;
            case Verb.Mail:
                var parameters = MailPath.Parse(arguments).Parameters;
                talk.UsesUtf8 = CommandLine.HasParameter(parameters, "SMTPUTF8"u8);
                exchange.PerRecipient = CommandLine.HasParameter(parameters, "PRDR"u8);
                break;
            case Verb.Auth:
                arguments = CommandLine.Mechanism(arguments);
                break;
            case Verb.Quit:
                talk.QuitSent = true;
                break;
        }

        ref var opened = ref talk.Open(exchange, verbText, arguments);
        if (Verbs.Holds(verb))
        {
            _holder = verb;
            Phase = ClientPhase.Held;
        }
        else if (verb == Verb.Bdat && opened.Size >= 0)
        {
            _chunkLeft = opened.Size;
            Phase = ClientPhase.Chunk;
            if (_chunkLeft == 0)
            {
                Chunk(0);
            }
        }
    }

    /// <summary>One SASL response (RFC 4954 4): exactly one line behind each challenge, whatever it reads.</summary>
    private void Response(in Line line)
    {
        _start.ReportTerminator(talk, line);
        if (line.Length > Verbs.LongestLine(Verb.Auth))
        {
            talk.Report(Anomaly.CommandLineTooLong, Party.Client, _start.At);
        }

        Phase = ClientPhase.Held;
        talk.Observer.Responded(ref talk.Queue.Oldest);
    }

    private bool ReadBody(ReadOnlySpan<byte> octets)
    {
        _at += _body.Read(talk, octets, _readingHeld, out var ended);
        Phase = ended ? ClientPhase.Command : Phase;
        return ended;
    }

    /// <summary>Octets of a chunk passed; true behind its last.</summary>
    private bool Chunk(long octets)
    {
        _chunkLeft -= octets;
        if (_chunkLeft > 0)
        {
            return false;
        }

        Phase = ClientPhase.Command;
        // The chunk's exchange is the youngest, unless the server answered before the chunk was complete.
        if (talk.Queue.Count > 0 && talk.Queue.Youngest.Verb == Verb.Bdat)
        {
            talk.Observer.ChunkEnded(ref talk.Queue.Youngest);
        }

        return true;
    }
}
