using SmtpProxy.Faults;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Relay to client: gives each reply its slot, in the order in which the client asked, and lets what happens in a slot happen before the
/// next one. A reply without a strike goes out as it comes.</summary>
internal sealed class ReplyGate(FaultedWire wire, ISessionFaults faults, FaultFacts facts, ClientView client, RelayView relay, Action asked)
{
    private readonly Queue<Slot> _expected = new();
    private readonly Queue<Slot> _owed = new();
    private readonly Queue<Slot> _urgent = new();
    private SlotRun? _run;
    private EndKind? _relayEnd;

    /// <summary>What the client was shown of the relay's capabilities.</summary>
    public CapabilityEdits? Shown { get; private set; }

    /// <summary>The greeting that the client got was 554: it may only leave.</summary>
    public bool HasRefused { get; private set; }

    /// <summary>Something happens, or is about to, that answers nothing: the client's octets wait for it.</summary>
    public bool IsUrgent => _urgent.Count > 0;

    /// <summary>A client that gets this slot's reply next.</summary>
    public Slot Open(FaultPoint point, Operation operation, Strike? strike)
    {
        var slot = new Slot(point, operation) { Strike = strike };
        _expected.Enqueue(slot);
        return slot;
    }

    /// <summary>The relay was asked: its next free reply belongs to this slot.</summary>
    public void Owe(Slot slot)
    {
        slot.AwaitsRelay = true;
        slot.IsWatched = faults.Watches(slot.Point).HasFlag(Watch.Reply);
        slot.Facts = slot.IsWatched ? facts.Snapshot() : null;
        _owed.Enqueue(slot);
    }

    /// <summary>Sends the relay what no client said, and hides its answer.</summary>
    public void AskInSecret(ReadOnlySpan<byte> command)
    {
        if (!wire.IsRelayGone)
        {
            relay.Sent(command);
            wire.SendOwn(command);
            _owed.Enqueue(new Slot(FaultPoint.AnyCommand, Operation.Other) { IsSwallowed = true, AwaitsRelay = true });
        }
    }

    /// <summary>We answer it ourselves.</summary>
    public void Answer(Slot slot)
    {
        slot.IsReady = true;
        Advance();
    }

    /// <summary>Steps that answer nothing: behind what happens already, before what is still to come.</summary>
    public void Now(Slot slot)
    {
        slot.IsReady = true;
        _urgent.Enqueue(slot);
        Advance();
    }

    /// <summary>Octets of the relay.</summary>
    public void Take(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (relay.IsOpaque)
            {
                wire.Tell(octets, Origin.Relay);
                return;
            }

            var count = relay.Came(octets);
            var part = octets[..count];
            octets = octets[count..];
            if (relay.HasReplied)
            {
                Whole(part);
            }
            else
            {
                Part(part);
            }
        }
    }

    /// <summary>The relay ended by itself: whoever still waits for it waits in vain, but not before what it said was passed on.</summary>
    /// <returns>Whether the session may be told now.</returns>
    public bool RelayEnded(EndKind how)
    {
        _relayEnd = how;
        if (_run is null && _expected.TryPeek(out var cut) && !cut.IsReady && cut.Real.Length > 0)
        {
            // It broke off inside a reply that was being collected.
            Told(cut.Real.Take(), Origin.Relay);
        }

        return _run is null && !(_expected.TryPeek(out var next) && next.IsReady);
    }

    /// <summary>The relay is gone by our doing: who waits for it is answered here.</summary>
    public void RelayTaken()
    {
        foreach (var slot in _owed.Where(static slot => !slot.IsSwallowed && !slot.IsReady))
        {
            slot.LocalReply = LocalTail.Closing;
            slot.EndsSession = true;
            slot.IsReady = true;
        }

        _owed.Clear();
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
        if (_run is { WaitsForPeer: true })
        {
            Continue();
        }
    }

    /// <summary>A halt: what is held goes on now.</summary>
    public void ReleaseAll()
    {
        _run?.ReleaseNow();
        Advance();
    }

    /// <summary>The session is over: what was injected is told, as far as it came.</summary>
    public void Abandon()
    {
        _run?.Abandon();
        _run = null;
        foreach (var slot in _expected.Where(static slot => slot.Strike is not null))
        {
            Report(slot, null);
        }

        _expected.Clear();
    }

    private void Part(ReadOnlySpan<byte> part)
    {
        if (_owed.TryPeek(out var slot) && !slot.IsSwallowed)
        {
            if (slot.IsPlain && _run is null && ReferenceEquals(_expected.Peek(), slot))
            {
                Told(part, Origin.Relay);
            }
            else if (slot.Real.Length + part.Length <= Slot.LongestReply)
            {
                slot.Real.Append(part);
            }
            else
            {
                Skip(slot, part);
            }
        }
        else if (slot is null)
        {
            Told(part, Origin.Relay);
        }
    }

    /// <summary>Too long to be changed: it passes as it is.</summary>
    private void Skip(Slot slot, ReadOnlySpan<byte> part)
    {
        slot.Real.Append(part);
        slot.IsWatched = false;
        slot.Strike = null;
        if (_run is null && ReferenceEquals(_expected.Peek(), slot))
        {
            Told(slot.Real.Take(), Origin.Relay);
        }
    }

    private void Whole(ReadOnlySpan<byte> part)
    {
        if (relay.IsUnsolicited || relay.IsEarlyVerdict || !_owed.TryPeek(out var slot))
        {
            // Nobody of ours asked: it has no slot, and goes behind those that were asked for.
            if (_expected.Count == 0)
            {
                Told(part, Origin.Relay);
                return;
            }

            slot = new Slot(FaultPoint.AnyCommand, Operation.Other) { AwaitsRelay = true };
            _expected.Enqueue(slot);
        }
        else if (!relay.MoreFollow)
        {
            _owed.Dequeue();
        }

        if (slot.IsSwallowed)
        {
            return;
        }

        slot.RealCode = relay.Code;
        slot.Queued = relay.Queued ?? slot.Queued;
        if (relay.MoreFollow)
        {
            Part(part);
            return;
        }

        if (slot.IsPlain && _run is null && ReferenceEquals(_expected.Peek(), slot) && slot.Real.Length == 0)
        {
            _expected.Dequeue();
            Told(part, Origin.Relay);
            Advance();
            return;
        }

        slot.Real.Append(part);
        Decide(slot);
        slot.IsReady = true;
        Advance();
    }

    private void Decide(Slot slot)
    {
        if (slot is not { IsWatched: true, LocalReply: null, Facts: { } known })
        {
            return;
        }

        known.RelayCode = slot.RealCode;
        if (faults.OnReply(slot.Point, known) is not { } strike)
        {
            return;
        }

        if (slot.Strike is { } earlier)
        {
            earlier.Join(strike);
        }
        else
        {
            slot.Strike = strike;
        }

        if (strike.Throttle is { } throttle)
        {
            wire.Throttle(throttle);
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
                if (!_urgent.TryPeek(out var next) && !(_expected.TryPeek(out next) && next.IsReady))
                {
                    break;
                }

                _run = new SlotRun(next, wire, Told);
                _run.Start();
            }

            if (!_run.IsDone)
            {
                return;
            }

            var (slot, said) = (_run.Slot, _run.ClientCode);
            _run = null;
            _ = _urgent.TryPeek(out var urgent) && ReferenceEquals(urgent, slot) ? _urgent.Dequeue() : _expected.Dequeue();
            Finish(slot, said);
        }

        if (wire.IsClientSpeaking)
        {
            return;
        }

        asked();
        if (_relayEnd is { } how && !wire.IsRelayGone && _run is null && !wire.IsOver)
        {
            wire.RelayEnded(how);
        }
    }

    private void Finish(Slot slot, int? said)
    {
        if (slot.Point == FaultPoint.Ehlo)
        {
            Shown = slot.Strike?.Capabilities;
        }

        HasRefused |= slot.Point is FaultPoint.Greeting or FaultPoint.Connect && said == 554 && slot.RealCode == 0;
        Report(slot, said);
    }

    private void Report(Slot slot, int? said)
    {
        if (slot.RealCode != 0 && slot.RealCode != said)
        {
            wire.Hidden(slot);
        }

        foreach (var injection in slot.Strike?.Injections ?? [])
        {
            injection.ClientCode = said;
            injection.RelayCode = slot.RealCode == 0 ? null : slot.RealCode;
            injection.RelayQueueId = slot.Queued;
            wire.Record(injection);
        }
    }

    private void Told(ReadOnlySpan<byte> octets, Origin origin)
    {
        client.Told(octets);
        wire.Tell(octets, origin);
    }
}
