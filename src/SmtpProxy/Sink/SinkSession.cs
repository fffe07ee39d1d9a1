using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Sink;

/// <summary>One client of the sink: its octets to the conversation, the replies back, one send for each read. While a reply waits, or the
/// client does not take its replies, it is not read: order is kept and nothing piles up.</summary>
internal sealed class SinkSession(SinkOptions options, SinkMailbox mailbox, bool isLmtp, SinkSessions sessions) : IPairHandler
{
    /// <summary><see cref="IPair.Signal"/>: say 421 and close.</summary>
    public const int Stop = 1;

    /// <summary><see cref="IPair.Signal"/>: close at once.</summary>
    public const int Cut = 2;

    /// <summary>RFC 5321 4.5.3.2.7.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    /// <summary>How long a client may take to close behind our FIN.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly ReplyQueue _replies = new();
    private IPair _pair = null!;
    private SinkDialogue _dialogue = null!;
    private ReadOnlyMemory<byte> _held;
    private QueueMemory.Lease? _heldMemory;
    private bool _isTiming;
    private bool _hasEnded;
    private bool _hasParted;

    private bool IsBlocked => _replies.Wait is not null || _pair.Unsent(Leg.Client) > 0;

    public void Accepted(IPair pair)
    {
        _pair = pair;
        _dialogue = new SinkDialogue(options, mailbox, isLmtp, _replies);
        if (sessions.Enter(pair))
        {
            _dialogue.Greet();
        }
        else
        {
            _replies.Add(Replies.Stopping, ending: AnswerEnding.Close);
        }

        Work(default);
        Settle();
    }

    public void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        var taken = Work(octets);
        if (taken < octets.Length && !_hasParted)
        {
            // At most one read: the client is paused until this is done.
            Hold(octets[taken..].ToArray());
        }

        Settle();
    }

    public void Ended(Leg from, EndKind how)
    {
        _hasEnded = true;
        Settle();
    }

    public void Drained(Leg to)
    {
        if (!_hasParted)
        {
            _pair.CancelTimer(PairTimer.ClientWrite);
            GoOn();
        }
    }

    public void TimedOut(PairTimer timer)
    {
        if (_hasParted || timer == PairTimer.ClientWrite)
        {
            _pair.Reset(Leg.Client);
        }
        else if (timer == PairTimer.Session)
        {
            _isTiming = false;
            _replies.Elapse();
            GoOn();
        }
        else
        {
            Dismiss(Replies.Silent);
        }
    }

    public void Signalled(int what)
    {
        if (what == Cut)
        {
            _pair.Reset(Leg.Client);
        }
        else if (!_hasParted)
        {
            Dismiss(Replies.Stopping);
        }
    }

    public void Closed()
    {
        LetGo();
        _dialogue.Release();
        sessions.Leave(_pair);
    }

    public void Dialled(in DialResult result)
    {
    }

    public void Spliced(Leg from, long octets)
    {
    }

    /// <summary>What held the session up is over: first what is held, then the client again.</summary>
    private void GoOn()
    {
        var taken = Work(_held.Span);
        if (_hasParted || taken == _held.Length)
        {
            LetGo();
        }
        else
        {
            _held = _held[taken..];
        }

        Settle();
    }

    private void Hold(byte[] octets) => (_held, _heldMemory) = (octets, new QueueMemory.Lease(octets.Length));

    private void LetGo()
    {
        _heldMemory?.Dispose();
        (_held, _heldMemory) = (default, null);
    }

    /// <summary>Answers as many commands as can be.</summary>
    /// <returns>How many octets were taken.</returns>
    private int Work(ReadOnlySpan<byte> octets)
    {
        var taken = 0;
        do
        {
            taken += _hasParted ? octets.Length - taken : _dialogue.Take(octets[taken..]);
            Flush();
        }
        while (taken < octets.Length && !IsBlocked);
        return taken;
    }

    private void Flush()
    {
        if (_hasParted)
        {
            return;
        }

        if (!_replies.Due.IsEmpty)
        {
            _pair.Send(Leg.Client, _replies.Due);
            _replies.Sent();
        }

        if (_replies.Ending != AnswerEnding.None)
        {
            Part(_replies.Ending);
        }
    }

    /// <summary>Reads on or not, and waits for what comes next.</summary>
    private void Settle()
    {
        if (_hasParted)
        {
            return;
        }

        if (!IsBlocked)
        {
            if (_hasEnded)
            {
                Part(AnswerEnding.Close);
                return;
            }

            _pair.Resume(Leg.Client);
            _pair.SetTimer(PairTimer.ClientRead, Idle);
            return;
        }

        _pair.Pause(Leg.Client);
        _pair.CancelTimer(PairTimer.ClientRead);
        if (_pair.Unsent(Leg.Client) > 0)
        {
            _pair.SetTimer(PairTimer.ClientWrite, Idle);
        }

        if (_replies.Wait is { } wait && !_isTiming)
        {
            _isTiming = true;
            _pair.SetTimer(PairTimer.Session, wait);
        }
    }

    /// <summary>A reply of last words: those that wait are never said.</summary>
    private void Dismiss(ReadOnlySpan<byte> reply)
    {
        _replies.Drop();
        _replies.Add(reply, ending: AnswerEnding.Close);
        Flush();
    }

    private void Part(AnswerEnding how)
    {
        _hasParted = true;
        LetGo();
        _pair.CancelTimer(PairTimer.ClientRead);
        _pair.CancelTimer(PairTimer.ClientWrite);
        if (how == AnswerEnding.Reset)
        {
            _pair.Reset(Leg.Client);
            return;
        }

        // What the client still sends is read and dropped: closing over unread octets would turn our FIN into a reset and lose the replies.
        _pair.Shut(Leg.Client);
        _pair.Resume(Leg.Client);
        _pair.SetTimer(PairTimer.Session, _pair.Unsent(Leg.Client) > 0 ? Idle : Linger);
    }
}
