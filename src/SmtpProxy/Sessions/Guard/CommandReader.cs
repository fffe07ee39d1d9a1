using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Reads what a client says, passes on what is the relay's, and keeps what is the proxy's to answer.</summary>
internal sealed class CommandReader(ClientSpeech speech, StartTlsTalk startTls)
{
    /// <summary>A guarded command longer than this is not kept: it is read to its end, and refused.</summary>
    public const int LongestLine = 2048;

    /// <summary>So many commands that are answered here may wait for their turn.</summary>
    private const int MostOwn = 64;

    // Values, and no objects of their own: every session that waits has them.
    private OwnAnswers _own;
    private MessageWatch _message = new();
    private ChunkWatch _chunks;
    private WordWatch _words;
    private LineWatch _watch;
    private CutWatch _cut;
    private LineUse _line;
    private int _fed;
    private bool _dropsChunk;
    private bool _relayEnded;
    private bool _goesAhead;
    private bool _wasUnfollowed;
    private bool _isUndecided;

    /// <summary>Commands that may be the proxy's to answer.</summary>
    public GuardedWords Guarded { get; set; }

    /// <summary>Those by which a client speaks for others, where it may not.</summary>
    public GuardedWords Blocked => Guarded & (GuardedWords.XClient | GuardedWords.XForward);

    /// <summary>Those that end the session where they cannot be answered. Inside a STARTTLS that is not the client's to have it could
    /// speak for others unseen.</summary>
    private GuardedWords Watched => Blocked == GuardedWords.None ? GuardedWords.None : Guarded;

    /// <summary>Why the session may not go on; null: it may.</summary>
    public Doubt? Doubt { get; private set; }

    /// <summary>The next reply to the client is the proxy's.</summary>
    public bool IsOwnDue => !_dropsChunk && !speech.InsideReply && _own.IsDue(speech.AwaitedIndex);

    /// <summary>More can be understood now.</summary>
    public bool CanRead => Doubt is null && speech.Phase != ClientPhase.Held && _own.Count < MostOwn;

    /// <summary>Octets that nobody follows can hide nothing that is guarded.</summary>
    public bool IsSealed => !startTls.IsDue && (Blocked == GuardedWords.None || speech.IsEncrypted);

    /// <summary>The transport may move octets of the client unseen.</summary>
    public bool MaySplice => !_dropsChunk && (speech.IsOpaque ? IsSealed : _chunks.Trusts(speech) || Blocked == GuardedWords.None);

    /// <summary>What is answered next; only while <see cref="IsOwnDue"/>.</summary>
    public (OwnAnswer What, bool IsPlain) TakeOwn() => _own.Take();

    /// <summary>The relay says no more, so nothing is answered any more either.</summary>
    public void RelayEnded(bool ended)
    {
        _relayEnded = ended;
        _own.Clear();
    }

    /// <summary>TLS is established: lines begin anew.</summary>
    public void Secured() => (_line, _watch, _cut, _words, _fed) = (LineUse.Unknown, default, default, default, 0);

    /// <summary>Reads octets as far as that is possible now.</summary>
    /// <param name="to">Where what is the relay's goes.</param>
    /// <param name="octets">The octets.</param>
    /// <param name="gone">How many of them have gone there before.</param>
    /// <param name="ahead">What went on of those that were not read.</param>
    /// <returns>How many were read.</returns>
    public int Read(SessionFilter to, ReadOnlySpan<byte> octets, int gone, out int ahead)
    {
        var (at, from) = (0, gone);
        while (at < octets.Length && CanRead)
        {
            var length = ReadElement(octets[at..], gone - at, out var passes);
            if (!passes)
            {
                Pass(to, octets, from, at);
                from = Math.Max(gone, at + length);
            }

            at += length;
            if (length == 0)
            {
                break;
            }
        }

        ahead = AheadOf(octets[at..], Math.Max(0, gone - at));
        Pass(to, octets, from, at + ahead);
        return at;
    }

    /// <summary>What may go on before it is known what it is (PROTOCOL 1.2, 4.5).</summary>
    /// <param name="octets">What comes after the last command that was read.</param>
    /// <param name="gone">How many of them have gone on before.</param>
    /// <returns>How many have, or may.</returns>
    public int AheadOf(ReadOnlySpan<byte> octets, int gone) =>
        octets.IsEmpty || startTls.IsUnderWay || startTls.IsDue ? gone
        : speech.Phase == ClientPhase.Command && CanRead && !octets.Contains((byte)'\n') ? Math.Max(gone, GuardedWord.Lead(octets))
        : _goesAhead && !_chunks.IsAstray && speech.Phase == ClientPhase.Held ? GuardedWord.Before(octets, Guarded, gone)
        : gone;

    /// <summary>Whether what will never be understood may hide a command by which a client speaks for others. There are relays that take
    /// what was cut off for a whole line.</summary>
    public bool MayHide(ReadOnlySpan<byte> octets)
    {
        byte[] cutOff = [.. octets, (byte)'\n'];
        return GuardedWord.Of(cutOff, Blocked, out _) != GuardedWords.None || GuardedWord.IsAnywhere(cutOff, Blocked);
    }

    /// <summary>Whether a line that is cut off would be a guarded command if it ended there.</summary>
    public bool IsGuarded(ReadOnlySpan<byte> line) =>
        GuardedWord.Of([.. line, (byte)'\n'], Guarded, out _) != GuardedWords.None;

    private static void Pass(SessionFilter to, ReadOnlySpan<byte> octets, int from, int end)
    {
        // One write for all that goes on together.
        if (end > from)
        {
            to.FromClient(octets[from..end]);
        }
    }

    private int ReadElement(ReadOnlySpan<byte> octets, int gone, out bool passes)
    {
        switch (speech.Phase)
        {
            case ClientPhase.Command:
                return ReadCommand(octets, gone, out passes);
            case ClientPhase.Opaque:
                return ReadUnfollowed(octets, out passes);
            case var phase:
                var length = speech.Said(octets);
                if (Blocked != GuardedWords.None && !_dropsChunk && Smuggles(octets[..length], phase))
                {
                    Doubt = Guard.Doubt.Unidentified;
                }

                passes = !_dropsChunk && Doubt is null;
                _dropsChunk &= speech.Phase == ClientPhase.Chunk;
                // Should AUTH end before its response does, the rest of that line is the relay's too.
                _line = phase == ClientPhase.Auth && octets[length - 1] != (byte)'\n' ? LineUse.Passes : LineUse.Unknown;
                return length;
        }
    }

    /// <summary>Whether octets that are no commands here may be one to the relay.</summary>
    private bool Smuggles(ReadOnlySpan<byte> octets, ClientPhase was) => was switch
    {
        ClientPhase.Data => _message.Finds(octets, ref _words, speech.IsBodyAnswered || _chunks.IsAstray, speech.Phase != was, Watched),
        // AUTH may end before its response does: what has begun as one goes on as a command.
        ClientPhase.Auth => _cut.Finds(octets, Watched) | _watch.Finds(octets, Watched, isResponse: true) != GuardedWords.None,
        // To a relay that reads it as commands the line at its end goes on after it.
        _ => !_chunks.Trusts(speech) && (_words.Finds(octets, Watched) | _watch.Finds(octets, Watched) != GuardedWords.None),
    };

    private int ReadCommand(ReadOnlySpan<byte> octets, int gone, out bool passes)
    {
        var end = octets.IndexOf((byte)'\n');
        var line = end < 0 ? octets : octets[..(end + 1)];
        var word = GuardedWords.None;
        var isSeen = (_wasUnfollowed && _line == LineUse.Passes) || _chunks.IsAstray;
        if (isSeen && _words.Finds(line, Watched))
        {
            // Its beginning passed while nobody followed the dialogue, or the relay may see it elsewhere.
            return Refuse(octets, out passes);
        }

        _wasUnfollowed &= end < 0;
        var goesOn = _line == LineUse.Passes || !_watch.IsAtStart;
        if (_line == LineUse.Unknown)
        {
            word = GuardedWord.Of(line, Guarded, out var isOpen);
            word = word == GuardedWords.None && end >= 0 && gone == 0 ? GuardedWord.Hidden(line, Guarded) : word;
            goesOn |= gone > 0 || end < 0;
            if (_isUndecided && word != GuardedWords.None)
            {
                // The line before it may yet be TLS to us, and is none to the relay.
                return Refuse(octets, out passes);
            }

            // What stands before the verb goes on at once, and does not make the line the relay's.
            _line = gone > GuardedWord.Lead(line) || !(isOpen || word != GuardedWords.None || startTls.IsDue) ? LineUse.Passes
                : line.Length > LongestLine ? LineUse.Swallowed
                : end < 0 ? LineUse.Unknown : LineUse.Judged;
            if (_line == LineUse.Unknown)
            {
                // The dialogue knows that a line has begun; its octets wait.
                _fed += speech.Said(octets[_fed..]);
                passes = true;
                return speech.IsOpaque ? ReadUnfollowed(octets, out passes) : 0;
            }
        }

        if (_line == LineUse.Passes && (_cut.Finds(line, Watched) || (goesOn && _watch.Finds(line, Watched) != GuardedWords.None)))
        {
            // To some relay; and the beginning of the line has passed.
            return Refuse(octets, out passes);
        }

        var length = _fed += speech.Said(line[_fed..]);
        if (speech.IsOpaque)
        {
            return ReadUnfollowed(octets, out passes);
        }

        _fed = 0;

        passes = _line == LineUse.Passes;
        _isUndecided = speech.Ended is null && end >= 0;
        if (_isUndecided)
        {
            _line = LineUse.Unknown;
        }
        else if (speech.Ended is { } verb)
        {
            var own = _line switch
            {
                LineUse.Passes => OwnAnswer.None,
                LineUse.Judged => Judge(verb, word, line),
                _ => OwnAnswer.TooLong,
            };
            passes |= own == OwnAnswer.None;
            _line = LineUse.Unknown;
            Follow(verb, own);
        }

        if (passes)
        {
            if (!isSeen)
            {
                // Should the relay answer in the middle of the line, nobody can follow the rest of it.
                _words.Remember(line[..length]);
            }

            _chunks.Read(line[..length], speech);
        }

        return length;
    }

    /// <summary>Who answers a command that is complete.</summary>
    private OwnAnswer Judge(Verb verb, GuardedWords word, ReadOnlySpan<byte> line)
    {
        if (word == GuardedWords.StartTls || verb == Verb.StartTls)
        {
            // Written so that only some relays take it for STARTTLS, it is none.
            return verb == Verb.StartTls && !speech.HasArguments && startTls.GoesToRelay() ? OwnAnswer.None : OwnAnswer.StartTls;
        }

        if (startTls.IsDue)
        {
            // What some relays might take for two lines, or for less than it is, is not one of the few that may pass.
            var isClean = line.Length <= CutWatch.Shortest && line.TrimEnd("\r\n"u8).IndexOfAny((byte)'\r', (byte)0) < 0;
            return isClean && verb is Verb.Ehlo or Verb.Lhlo or Verb.Helo or Verb.Noop or Verb.Quit ? OwnAnswer.None : OwnAnswer.TlsFirst;
        }

        return word == GuardedWords.None ? OwnAnswer.None : OwnAnswer.NotForYou;
    }

    private void Follow(Verb verb, OwnAnswer own)
    {
        if (own != OwnAnswer.None)
        {
            _dropsChunk = speech.Phase == ClientPhase.Chunk;
            if (!_relayEnded)
            {
                _own.Add(speech.Index, own, verb == Verb.StartTls && !speech.HasArguments);
            }
        }

        // After a STARTTLS that may be granted nothing may stand in the clear.
        var mayBeTls = verb == Verb.StartTls && (own == OwnAnswer.None ? startTls.IsGuarded : startTls.MayStart);
        _goesAhead = !mayBeTls && !startTls.IsDue;
    }

    /// <summary>What stands here speaks for others, and cannot be answered in its turn: the session ends.</summary>
    private int Refuse(ReadOnlySpan<byte> octets, out bool passes)
    {
        Doubt = Guard.Doubt.Unidentified;
        passes = false;
        return octets.Length;
    }

    /// <summary>Octets that are not followed: encrypted, or the dialogue was lost.</summary>
    private int ReadUnfollowed(ReadOnlySpan<byte> octets, out bool passes)
    {
        if (startTls.IsDue)
        {
            Doubt = Guard.Doubt.Insecure;
        }
        else if (!IsSealed)
        {
            Doubt = _words.Finds(octets, Watched) ? Guard.Doubt.Unidentified : null;
        }

        passes = Doubt is null;
        if (!passes)
        {
            return octets.Length;
        }

        // What made it so has been shown already.
        speech.Said(octets[Math.Min(_fed, octets.Length)..]);
        _fed = 0;
        _wasUnfollowed = true;
        _line = octets[^1] != (byte)'\n' ? LineUse.Passes : LineUse.Unknown;
        return octets.Length;
    }
}
