namespace SmtpProxy.Protocol;

/// <summary>Reads what the client sends: command lines, message data, chunks, SASL responses; and holds what cannot be read yet.</summary>
internal sealed class ClientSide(Conversation talk)
{
    private const byte TlsHandshakeRecord = 0x16;
    private LineFramer _lines;
    private DataScanner _body;
    private HeldOctets _held;
    private LineStart _start;
    private Verb _holder;
    private long _chunkLeft;
    private long _at;
    private bool _readingHeld;
    private bool _bodyAnswered;
    private DataFindings _reported;

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
        _lines.Reset();
        _held.Clear();
        Phase = ClientPhase.Command;
        _at = _chunkLeft = 0;
        _readingHeld = _bodyAnswered = false;
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
            _lines.Reset();
            _held.Clear();
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
            _body = DataScanner.Start();
            _reported = DataFindings.None;
            _bodyAnswered = false;
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
    public void BodyWasAnswered() => _bodyAnswered = true;

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
            MayBeSecret: talk.BehindAuth || (_readingHeld && _holder == Verb.Auth));
        return true;
    }

    private void Command(in Line line)
    {
        var command = CommandLine.Parse(line.Text);
        ReportLine(line, command);
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
            case Verb.Auth when arguments.IndexOf((byte)' ') is var blank and >= 0:
                arguments = arguments[..blank];
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

    private void ReportLine(in Line line, in CommandLine command)
    {
        ReportTerminator(line);
        if (line.EightBit && !talk.UsesUtf8 && !CommandLine.HasParameter(command.Arguments, "SMTPUTF8"u8))
        {
            talk.Report(Anomaly.EightBitCommand, Party.Client, _start.At);
        }

        if (line.Length > Verbs.LongestLine(command.Verb))
        {
            talk.Report(Anomaly.CommandLineTooLong, Party.Client, _start.At);
        }

        if (command.IsHttpRequest)
        {
            talk.Report(Anomaly.HttpRequest, Party.Client, _start.At);
        }

        if (talk.QuitSent)
        {
            talk.Report(Anomaly.CommandAfterQuit, Party.Client, _start.At);
        }

        if (_start.BehindCommand && !talk.OffersPipelining)
        {
            talk.Report(Anomaly.PipeliningUnadvertised, Party.Client, _start.At);
        }

        if (_start.BehindGroupEnd)
        {
            talk.Report(Anomaly.PipeliningSyncViolation, Party.Client, _start.At);
        }
    }

    private void ReportTerminator(in Line line)
    {
        if (line.BareLf)
        {
            talk.Report(Anomaly.BareLfCommand, Party.Client, _start.At);
        }

        if (line.BareCr)
        {
            talk.Report(Anomaly.BareCrCommand, Party.Client, _start.At);
        }

        if (line.Nul)
        {
            talk.Report(Anomaly.NulCommand, Party.Client, _start.At);
        }
    }

    /// <summary>One SASL response (RFC 4954 4): exactly one line behind each challenge, whatever it reads.</summary>
    private void Response(in Line line)
    {
        ReportTerminator(line);
        if (line.Length > Verbs.LongestLine(Verb.Auth))
        {
            talk.Report(Anomaly.CommandLineTooLong, Party.Client, _start.At);
        }

        Phase = ClientPhase.Held;
        talk.Observer.Responded(ref talk.Queue.Oldest);
    }

    private bool ReadBody(ReadOnlySpan<byte> octets)
    {
        var before = _at;
        var taken = _body.Scan(octets, out var ended);
        _at += taken;
        if (_body.Findings != _reported)
        {
            ReportBody(before);
        }

        if (!ended)
        {
            return false;
        }

        Phase = ClientPhase.Command;
        if (talk.Transactions.IsOpen)
        {
            talk.Transactions.BodyEnds(_body.WireOctets, _body.MessageOctets);
        }

        if (_bodyAnswered)
        {
            talk.CloseTransaction(TransactionEnd.FinalReply);
            return true;
        }

        ref var exchange = ref talk.Queue.Oldest;
        exchange.Pipelined = _readingHeld;
        exchange.Size = _body.WireOctets;
        talk.Observer.BodyEnded(ref exchange, _body.WireOctets, _body.MessageOctets);
        return true;
    }

    private void ReportBody(long at)
    {
        var news = _body.Findings & ~_reported;
        _reported = _body.Findings;
        ReportFinding(news, DataFindings.BareLf, Anomaly.BareLfData, at);
        ReportFinding(news, DataFindings.BareCr, Anomaly.BareCrData, at);
        ReportFinding(news, DataFindings.Nul, Anomaly.NulData, at);
        ReportFinding(news, DataFindings.LongLine, Anomaly.TextLineTooLong, at);
        ReportFinding(news, DataFindings.LaxEnd, Anomaly.NonstandardEod, at);
    }

    private void ReportFinding(DataFindings news, DataFindings finding, Anomaly anomaly, long at)
    {
        if ((news & finding) != 0)
        {
            talk.Report(anomaly, Party.Client, at);
        }
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

    /// <summary>What was outstanding at the first octet of a line.</summary>
    private readonly record struct LineStart(long At, bool Pipelined, bool BehindCommand, bool BehindGroupEnd, bool MayBeSecret);
}
