using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Exchanges;

/// <summary>The open mail transaction, as the replies say it is (RFC 5321 3.3, 4.1.4; PROTOCOL 5, 6.4, 9.3).</summary>
/// <param name="memory">What long lists of recipients take.</param>
internal sealed class TransactionTracker(ExchangeMemory memory)
{
    private AcceptedRecipients _accepted = new(memory);
    private Transaction _open;
    private bool _perRecipient;
    private bool _listsRecipients;
    private bool _usesUtf8;
    private bool _delivered;
    private bool _refused;
    private bool _isChunkRefused;
    private bool _isSizeKnown;
    private bool _isSizeHidden;

    /// <summary>Whether one is open.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The open one.</summary>
    public ref readonly Transaction Open => ref _open;

    /// <summary>PRDR was asked for in its MAIL.</summary>
    public bool AsksPerRecipient => IsOpen && _perRecipient;

    /// <summary>SMTPUTF8 was asked for in its MAIL.</summary>
    public bool UsesUtf8 => IsOpen && _usesUtf8;

    /// <summary>MAIL was accepted.</summary>
    /// <param name="mail">Its exchange.</param>
    /// <param name="lmtp">Each recipient gets a reply of its own, asked for or not.</param>
    public void Begin(in Exchange mail, bool lmtp)
    {
        _open = new Transaction { MailIndex = mail.Index, WireOctets = -1, MessageOctets = -1 };
        _accepted.Clear();
        (_perRecipient, _usesUtf8, _listsRecipients) = (mail.PerRecipient, mail.UsesUtf8, mail.PerRecipient || lmtp);
        _delivered = _refused = _isChunkRefused = _isSizeKnown = _isSizeHidden = false;
        IsOpen = true;
    }

    /// <summary>RCPT was answered.</summary>
    public void Recipient(int rcptIndex, bool accepted)
    {
        if (!IsOpen)
        {
            return;
        }

        if (accepted)
        {
            _open.Accepted++;
            if (_listsRecipients)
            {
                _accepted.Add(rcptIndex);
            }
        }
        else
        {
            _open.Rejected++;
        }
    }

    /// <summary><see cref="Exchange.Index"/> of the n-th accepted RCPT; -1 where there is none, or none is known.</summary>
    public int AcceptedIndex(int n) => IsOpen ? _accepted[n] : -1;

    /// <summary>The recipients are asked for no more.</summary>
    public void Forget() => _accepted.Clear();

    /// <summary>The body begins. Chunks before it are not of it.</summary>
    public void BodyBegins()
    {
        (_open.Via, _open.WireOctets, _open.MessageOctets) = (Via.Data, -1, -1);
        _isSizeKnown = _isSizeHidden = false;
    }

    /// <summary>The end of data was sent.</summary>
    public void BodyEnds(long wireOctets, long messageOctets)
    {
        _open.WireOctets = wireOctets;
        _open.MessageOctets = messageOctets;
        _isSizeKnown = true;
    }

    /// <summary>A chunk was sent whose answer will not come.</summary>
    public void ChunkSent()
    {
        if (IsOpen && _open.Via == Via.None)
        {
            _open.Via = Via.Bdat;
        }
    }

    /// <summary>A chunk, or a BURL, was answered. What refuses it makes the message fail, unless the relay takes the whole all
    /// the same (PROTOCOL 6.4).</summary>
    public void Chunk(in Exchange chunk, ushort code)
    {
        if (!IsOpen)
        {
            return;
        }

        _open.Via = chunk.Verb == Verb.Burl ? Via.Burl : Via.Bdat;
        if (code / 100 == 2 && chunk.IsChunk)
        {
            _open.WireOctets = Math.Max(0, _open.WireOctets) + chunk.Size;
            _open.MessageOctets = _open.WireOctets;
            _isSizeKnown = true;
        }
        else if (code / 100 == 2)
        {
            // What BURL stands for, only the relay has seen (RFC 4468 3).
            _isSizeHidden = true;
        }
        else if (code is >= 400 and < 600)
        {
            Refused(code);
            _isChunkRefused |= !chunk.Last;
        }
    }

    /// <summary>A reply to the message that decides what became of it: the one, or one of those of LMTP.</summary>
    public void Final(ushort code)
    {
        if (!IsOpen)
        {
            return;
        }

        _open.FinalCode = code;
        _delivered |= code / 100 == 2;
        _refused |= code / 100 != 2;
        if (code is >= 400 and < 600)
        {
            Refused(code);
        }
    }

    /// <summary>It ends.</summary>
    /// <param name="end">What made it end.</param>
    /// <param name="owed">The relay has the whole message and owes the verdict.</param>
    public Transaction Close(TransactionEnd end, bool owed)
    {
        IsOpen = false;
        if (!_isSizeKnown || _isSizeHidden)
        {
            _open.WireOctets = _open.MessageOctets = -1;
        }

        (_open.End, _open.IsOwed) = (end, owed);
        _open.Outcome = (_delivered, _refused) switch
        {
            (true, true) => TransactionOutcome.Partial,
            _ when owed => TransactionOutcome.Unknown,
            (true, false) => TransactionOutcome.Delivered,
            (false, true) => TransactionOutcome.Failed,
            _ when end == TransactionEnd.Opaque => TransactionOutcome.Unknown,
            _ => _isChunkRefused ? TransactionOutcome.Failed : TransactionOutcome.Aborted,
        };
        return _open;
    }

    /// <summary>The first refusal says why; among several recipients of LMTP one that is only for now, because
    /// the client comes again.</summary>
    private void Refused(ushort code)
    {
        if (_open.RefusalCode == 0 || (!_isChunkRefused && _open.RefusalCode >= 500 && code < 500))
        {
            _open.RefusalCode = code;
        }
    }
}
