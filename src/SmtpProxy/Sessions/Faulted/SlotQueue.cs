using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>The replies that a client expects, in the order in which it asked; what happens in one happens
/// before the next one's turn.</summary>
/// <param name="wire">The connections.</param>
/// <param name="asked">Called when nothing is left to tell.</param>
/// <param name="told">Called before each reply that the client is told.</param>
internal sealed class SlotQueue(FaultWire wire, Action asked, Action told)
{
    /// <summary>More than any client has under way that means well; each costs memory while the first is held.</summary>
    private const int MostExpected = 1000;

    /// <summary>The same for the octets of those commands: rules are matched against what was said in them. A thousand RCPTs of people
    /// have less.</summary>
    private const int MostAsked = 256 * 1024;

    /// <summary>The buffer that each has.</summary>
    private const int CostOfUnasked = 1024;

    private readonly LinkedList<Slot> _expected = new();
    private readonly Queue<Slot> _urgent = new();
    private SlotRun? _run;
    private EndKind? _relayEnd;
    private int _ahead;
    private int _asked;
    private bool _isGranting;
    private Slot? _cut;
    private bool _hasPeerClosed;

    /// <summary>What the client was shown of the relay's capabilities.</summary>
    public CapabilityEdits? Shown { get; private set; }

    /// <summary>The greeting that the client got was 554: it may only leave.</summary>
    public bool HasRefused { get; private set; }

    /// <summary>Something happens, or is about to, that answers nothing: the client's octets wait for it.</summary>
    public bool IsUrgent => _urgent.Count > 0;

    /// <summary>So many replies are expected that the client's next commands wait for some of them.</summary>
    public bool IsFull => _expected.Count >= MostExpected || _asked > MostAsked;

    /// <summary>The client may be cut off at a command that it has said: the next ones wait.</summary>
    public bool HoldsRest => _cut is not null;

    /// <summary>What happens now goes on when a peer closes, and not before.</summary>
    public bool WaitsForPeer => _run is { WaitsForPeer: true };

    /// <summary>The relay was asked something before this, and has not answered it.</summary>
    public bool AwaitsRelay(Slot before) => _expected.TakeWhile(slot => !ReferenceEquals(slot, before)).Any(static slot => !slot.IsReady);

    /// <summary>Nothing is expected, and nothing else happens: what comes may go to the client at once.</summary>
    public bool IsEmpty => _expected.Count == 0 && !IsUrgent;

    /// <summary>What is next waits for something that the relay has no part in. Else it has to be read, however much is here: the next
    /// reply may have to become whole.</summary>
    private bool IsHeld => _run is not null || IsUrgent || _expected.First?.Value is { IsHeld: true };

    /// <summary>What of the relay waits for that: not the reply itself that is held, which is bounded, and may have to be followed by the
    /// relay's end. Words that nobody asked for cost more than their octets, and there is no other bound to how many there are.</summary>
    private int Kept => _expected.Sum(slot => ReferenceEquals(slot, _run?.Slot) ? 0
        : slot.Kept + (slot.Point == FaultPoint.AnyCommand ? CostOfUnasked : 0));

    /// <summary>The relay ended by itself, and says no more.</summary>
    public bool HasRelayEnded => _relayEnd is not null;

    /// <summary>It did, and the client knows: no rule can tell it anything any more.</summary>
    public bool IsEndTold { get; private set; }

    /// <summary>The client gets this slot's reply next among those it asked for.</summary>
    public Slot Open(FaultPoint point, Operation operation, Strike? strike, int asked = 0)
    {
        var slot = new Slot(point, operation) { Strike = strike, Asked = asked };
        _asked += asked;
        _expected.AddLast(slot);
        return slot;
    }

    /// <summary>The relay answered what is not understood here yet: the reply waits for its turn without a slot of its own.</summary>
    public void AnswerAhead() => _ahead++;

    /// <summary>What is understood now was answered before.</summary>
    public bool TakeAhead() => _ahead > 0 && _ahead-- > 0;

    /// <summary>The relay answers the same command once more: the client gets that reply directly after this slot's.</summary>
    public Slot OpenAfter(Slot slot)
    {
        var next = new Slot(slot.Point, slot.Operation) { IsWatched = slot.IsWatched, Facts = slot.Facts?.Snapshot() };
        _expected.AddAfter(_expected.Find(slot)!, next);
        HoldRest(next, ReferenceEquals(_cut, slot));
        return next;
    }

    /// <summary>What the client has pipelined behind this slot's command waits until it is told, if it may be cut off there.</summary>
    public void HoldRest(Slot slot, bool mayCut) => _cut = mayCut ? slot : _cut;

    /// <summary>Everything is there for this slot: it happens when its turn comes.</summary>
    public void Answer(Slot slot)
    {
        slot.IsReady = true;
        Advance();
    }

    /// <summary>Takes steps that answer nothing: after what is happening already, and before every reply that is still to come.</summary>
    public void Now(Slot slot)
    {
        slot.IsReady = true;
        _urgent.Enqueue(slot);
        Advance();
    }

    /// <summary>STARTTLS is granted. Whether the client hears of it only when that slot has its turn.</summary>
    public bool IsGrantLater() => _isGranting = _expected.Any(static slot => slot.Point == FaultPoint.StartTls);

    /// <summary>The client is about to be told a reply, or what there is of it.</summary>
    /// <param name="slot">Its slot; null: it has none.</param>
    public void Passes(Slot? slot)
    {
        if (_isGranting && slot is { Point: FaultPoint.StartTls })
        {
            _isGranting = false;
            wire.AnswerBegins();
        }
    }

    /// <summary>It is this slot's turn, and nothing is to happen in it but its reply.</summary>
    public bool MayPass(Slot slot) => slot.IsPlain && _run is null && _urgent.Count == 0 && ReferenceEquals(_expected.First?.Value, slot);

    /// <summary>Something happened: the relay is read no further while too much of it waits.</summary>
    public void Settle() => wire.KeepRelay(IsHeld && !wire.IsRelayGone && Kept > WaitingOctets.Enough);

    /// <summary>Its reply was passed, whole.</summary>
    public void Passed()
    {
        RemoveFirst();
        Advance();
    }

    /// <summary>It is another relay: nobody is to hear of the end of the one before it, nor of what there was of its greeting.</summary>
    public void Renew()
    {
        (_relayEnd, IsEndTold) = (null, false);
        foreach (var slot in _expected)
        {
            slot.Forget();
        }
    }

    /// <summary>The relay ended by itself: whoever still waits for it waits in vain, but not before what it said was passed on.</summary>
    /// <returns>Whether the session may be told now.</returns>
    public bool RelayEnded(EndKind how)
    {
        _relayEnd = how;
        if (_run is null && _expected.First?.Value is { IsReady: false, Real.Length: > 0 } cut)
        {
            // It broke off inside a reply that was being collected.
            wire.Tell(cut.Real.Take(), cut.Origin);
        }

        return IsEndTold = _run is null && _expected.First?.Value is not { IsReady: true };
    }

    /// <summary>The session is over: records what was injected, as far as it came.</summary>
    public void Abandon()
    {
        _run?.Abandon();
        foreach (var slot in _urgent.Concat(_expected).Where(static slot => slot.Strike is not null))
        {
            slot.ReleaseIfWaiting();
            Report(slot, ReferenceEquals(slot, _run?.Slot) ? _run!.ClientCode : null);
        }

        _run = null;

        _urgent.Clear();
        _expected.Clear();
    }

    /// <summary>A halt: what is held goes on now, and what would have been held at its turn will not be.</summary>
    public void ReleaseAll()
    {
        foreach (var slot in _urgent.Concat(_expected))
        {
            slot.IsReleased = true;
        }

        _run?.ReleaseNow();
        Advance();
    }

    /// <summary>The slot's pause is over.</summary>
    public void Continue()
    {
        _run?.Resume();
        Advance();
    }

    /// <summary>A peer closed: a stall that waited for that is over.</summary>
    public void PeerClosed()
    {
        _hasPeerClosed |= HoldsRest;
        if (WaitsForPeer)
        {
            Continue();
        }
    }

    /// <summary>Goes on as far as nothing has to be waited for.</summary>
    public void Advance()
    {
        // The session must have seen what the client said before it hears an answer to it.
        while (!wire.IsOver && !wire.IsClientSpeaking)
        {
            if (_run is null)
            {
                told();
                if ((_urgent.TryPeek(out var urgent) ? urgent : _expected.First?.Value) is not { } next)
                {
                    break;
                }

                wire.Tell(next.TakeLead(), next.Origin);
                if (next.IsReady || next.Real.Length > 0)
                {
                    Passes(next);
                }

                wire.Tell(next.TakeFree(), next.Origin);
                if (!next.IsReady)
                {
                    break;
                }

                _run = new SlotRun(next, wire);
                _run.Start();
                if (_hasPeerClosed && WaitsForPeer)
                {
                    // It closed before the stall began that waits for it, with octets that wait for the end of the stall.
                    _run.Resume();
                }
            }

            if (!_run.IsDone)
            {
                return;
            }

            var (slot, said) = (_run.Slot, _run.ClientCode);
            _run = null;
            if (_urgent.TryPeek(out var first) && ReferenceEquals(first, slot))
            {
                _urgent.Dequeue();
            }
            else
            {
                RemoveFirst();
            }

            Finish(slot, said);
        }

        if (wire.IsClientSpeaking)
        {
            return;
        }

        asked();
        if (_relayEnd is { } how && !IsEndTold && !wire.IsRelayGone && _run is null && !wire.IsOver)
        {
            wire.RelayEnded(how);
        }
    }

    private void RemoveFirst()
    {
        _cut = ReferenceEquals(_cut, _expected.First!.Value) ? null : _cut;
        _asked -= _expected.First.Value.Asked;
        _expected.RemoveFirst();
    }

    private void Finish(Slot slot, int? said)
    {
        if (slot.Point == FaultPoint.Ehlo)
        {
            Shown = slot.Strike?.Capabilities;
        }

        HasRefused |= slot.Point == FaultPoint.Greeting && said == 554;
        Report(slot, said);
    }

    private void Report(Slot slot, int? said)
    {
        foreach (var injection in slot.Strike?.Injections ?? [])
        {
            injection.ClientCode = said;
            injection.RelayCode = slot.RealCode == 0 ? null : slot.RealCode;
            injection.RelayQueueId = slot.Queued;
            wire.Record(injection);
        }
    }
}
