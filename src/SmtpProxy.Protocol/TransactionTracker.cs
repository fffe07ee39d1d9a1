namespace SmtpProxy.Protocol;

/// <summary>The open mail transaction, as the replies say it is (RFC 5321 3.3, 4.1.4; PROTOCOL 5, 6.4, 9.3).</summary>
/// <param name="memory">What long lists of recipients take.</param>
internal sealed class TransactionTracker(ExchangeMemory memory)
{
    private AcceptedRecipients _accepted = new(memory);
    private Transaction _open;
    private bool _perRecipient;
    private bool _listsRecipients;
    private bool _delivered;
    private bool _refused;
    private bool _sizeKnown;

    /// <summary>Whether one is open.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The open one.</summary>
    public ref readonly Transaction Open => ref _open;

    /// <summary>PRDR was asked for in its MAIL.</summary>
    public bool AsksPerRecipient => IsOpen && _perRecipient;

    /// <summary>MAIL was accepted.</summary>
    /// <param name="mailIndex">Its index.</param>
    /// <param name="perRecipient">PRDR was asked for.</param>
    /// <param name="lmtp">Each recipient gets a reply of its own, asked for or not.</param>
    public void Begin(int mailIndex, bool perRecipient, bool lmtp)
    {
        _open = new Transaction { MailIndex = mailIndex, WireOctets = -1, MessageOctets = -1 };
        _accepted.Clear();
        (_perRecipient, _listsRecipients) = (perRecipient, perRecipient || lmtp);
        _delivered = _refused = _sizeKnown = false;
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
    public int AcceptedIndex(int n) => _accepted[n];

    /// <summary>The recipients are asked for no more.</summary>
    public void Forget() => _accepted.Clear();

    /// <summary>The body begins.</summary>
    public void BodyBegins() => _open.Via = Via.Data;

    /// <summary>The end of data was sent.</summary>
    public void BodyEnds(long wireOctets, long messageOctets)
    {
        _open.WireOctets = wireOctets;
        _open.MessageOctets = messageOctets;
        _sizeKnown = true;
    }

    /// <summary>A chunk, or a BURL, was answered.</summary>
    public void Chunk(Via via, long size, ushort code)
    {
        _open.Via = via;
        if (code / 100 == 2)
        {
            _open.WireOctets = Math.Max(0, _open.WireOctets) + Math.Max(0, size);
            _open.MessageOctets = _open.WireOctets;
            _sizeKnown = true;
        }
        else
        {
            Final(code);
        }
    }

    /// <summary>A final reply, or one of several.</summary>
    public void Final(ushort code)
    {
        _open.FinalCode = code;
        _delivered |= code / 100 == 2;
        _refused |= code / 100 != 2;
    }

    /// <summary>It ends.</summary>
    /// <param name="end">What made it end.</param>
    /// <param name="owed">The relay has the whole message and owes the verdict.</param>
    public Transaction Close(TransactionEnd end, bool owed)
    {
        IsOpen = false;
        if (!_sizeKnown)
        {
            _open.WireOctets = _open.MessageOctets = -1;
        }

        _open.End = end;
        _open.Outcome = (_delivered, _refused) switch
        {
            (true, true) => TransactionOutcome.Partial,
            (true, false) when owed => TransactionOutcome.Unknown,
            (true, false) => TransactionOutcome.Delivered,
            (false, true) when owed => TransactionOutcome.Unknown,
            (false, true) => TransactionOutcome.Failed,
            _ when owed || end == TransactionEnd.Opaque => TransactionOutcome.Unknown,
            _ => TransactionOutcome.Aborted,
        };
        return _open;
    }
}
