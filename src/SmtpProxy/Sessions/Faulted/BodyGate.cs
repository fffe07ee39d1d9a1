using System.Diagnostics;
using SmtpProxy.Faults;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What goes to the relay: lines that were decided, message data up to where a rule waits, and the end of data when it may.
/// Whatever is held here holds all that comes after it.</summary>
internal sealed class BodyGate(FaultWire wire, ISessionFaults faults, FaultFacts facts, ClientView client)
{
    private readonly DotGuard _dot = new();
    private ReplyGate _replies = null!;
    private SlotQueue _slots = null!;
    private Action? _held;
    private Strike? _holder;
    private long _heldSince;
    private bool _inBody;
    private bool _withholds;
    private Slot? _answered;
    private Action? _released;
    private long _seen;

    /// <summary>Something is held before the relay gets it.</summary>
    public bool IsHolding => _held is not null;

    /// <summary>It is held until the fleet has answered.</summary>
    public bool IsAsking { get; private set; }

    /// <summary>The other direction.</summary>
    public void Bind(ReplyGate replies, SlotQueue slots) => (_replies, _slots) = (replies, slots);

    /// <summary>The fleet is being asked about what was just read, which goes on when it has answered.</summary>
    public void Await(Action goesOn)
    {
        (_held, _holder, _heldSince, IsAsking) = (goesOn, null, wire.Clock(), true);
        wire.Hold();
    }

    /// <summary>It is held until the relay has answered what it was asked before: it is the relay's turn, and its time runs.</summary>
    public bool AwaitsAnswers => _answered is not null;

    /// <summary>What was just read goes on when the relay has answered all before it; or without the fault, if that is released.</summary>
    public void AwaitAnswers(Slot slot, Action goesOn, Action released) =>
        (_held, _holder, _answered, _released) = (goesOn, null, slot, released);

    /// <summary>It has.</summary>
    public void GoOnIfAnswered()
    {
        if (_answered is { } slot && !_slots.AwaitsRelay(before: slot))
        {
            Continue();
        }
    }

    /// <summary>A command line was read: no body is open, and the chunk after it, if it has one, begins.</summary>
    public void BeginChunk(bool isChunk)
    {
        (_inBody, _withholds) = (false, false);
        _seen = isChunk ? facts.BodyOctets : 0;
    }

    /// <summary>The chunk after this line is not forwarded.</summary>
    public void Withhold(bool chunk) => _withholds = chunk;

    /// <summary>A line for the relay, now or after a hold; its reply belongs to the slot.</summary>
    public void Forward(ReadOnlySpan<byte> line, Strike? strike, Slot slot)
    {
        if (strike is null or { BeforeForward.Ticks: <= 0, BehindCommand.Length: 0 })
        {
            Owe(line, slot);
            return;
        }

        byte[] octets = [.. line, .. strike.BehindCommand.Span];
        slot.IsHeld = true;
        Hold(strike, () => Owe(octets, slot));
    }

    /// <summary>Octets of a message or chunk.</summary>
    /// <returns>How many were taken.</returns>
    public int Take(ReadOnlySpan<byte> octets)
    {
        if (client.Phase == ClientPhase.Data && !_inBody)
        {
            (_inBody, _seen, facts.BodyOctets) = (true, 0, 0);
            _dot.Begin();
        }

        var until = wire.IsRelayGone || _slots.IsEndTold ? null : faults.NextBodyOffset(_seen);
        if (until is { } offset && offset - _seen < octets.Length)
        {
            octets = octets[..(int)Math.Max(1, offset - _seen)];
        }

        var isData = client.Phase == ClientPhase.Data;
        var count = client.Said(octets);
        var part = octets[..count];
        _seen += count;
        facts.BodyOctets = _seen;
        if (isData && client.Phase != ClientPhase.Data)
        {
            Ended(part);
            return count;
        }

        Pass(part, isData);
        if (until == _seen && client.InMessage)
        {
            AskInBody();
        }

        return count;
    }

    /// <summary>The hold is over.</summary>
    /// <param name="isReleased">What has not struck yet does not.</param>
    public void Continue(bool isReleased = false)
    {
        if (_held is { } goesOn)
        {
            goesOn = isReleased ? _released ?? goesOn : goesOn;
            EndHold();
            goesOn();
        }
    }

    /// <summary>Where a reply in mid-message has made an end of the dialogue, what was kept back goes before what comes.</summary>
    public void FlushIfLost()
    {
        if (client.Phase == ClientPhase.Opaque)
        {
            Flush();
        }
    }

    /// <summary>What was kept back goes: no more comes to decide about.</summary>
    public void Flush()
    {
        if (_inBody)
        {
            wire.Forward(_dot.Kept);
            _inBody = false;
        }
    }

    /// <summary>Forgets what is held.</summary>
    public void Drop()
    {
        if (_held is not null)
        {
            EndHold();
        }
    }

    private void AskInBody()
    {
        if (faults.OnCommand(FaultPoint.DataBody, facts) is { } strike)
        {
            Strike(strike);
        }
        else if (faults.IsAsking(FaultPoint.DataBody, facts))
        {
            Await(AskInBody);
        }
    }

    private void Pass(ReadOnlySpan<byte> part, bool isData)
    {
        if (!isData)
        {
            if (!_withholds)
            {
                wire.Forward(part);
            }

            return;
        }

        Span<byte> kept = stackalloc byte[3];
        _dot.Kept.CopyTo(kept);
        var before = _dot.Pass(part, out var free);
        wire.Forward(kept[..before]);
        wire.Forward(part[..free]);
    }

    /// <summary>The end of data is there; the relay does not have its last line yet.</summary>
    private void Ended(ReadOnlySpan<byte> part)
    {
        const int Dot = 3;
        _inBody = false;
        byte[] rest = [.. _dot.Kept, .. part];
        if (rest.Length < Dot || !client.HasBodyEnded)
        {
            // The verdict came before the end: nothing is expected any more.
            wire.Forward(rest);
            return;
        }

        wire.Forward(rest.AsSpan(0, rest.Length - Dot));
        End(rest[^Dot..]);
    }

    /// <summary>What becomes of the last line.</summary>
    private void End(byte[] dot)
    {
        var strike = !wire.IsRelayGone && !_slots.IsEndTold && faults.Watches(FaultPoint.EndOfData).HasFlag(Watch.Command)
            ? faults.OnCommand(FaultPoint.EndOfData, facts) : null;
        if (faults.IsAsking(FaultPoint.EndOfData, facts) && !wire.IsRelayGone)
        {
            AwaitEnd(dot);
            return;
        }

        var slot = _slots.Open(FaultPoint.EndOfData, Operation.EndOfData, strike);
        if (wire.IsRelayGone)
        {
            (slot.OwnReply, slot.EndsSession) = (LocalReply.AfterFault.Closing, true);
            _slots.Answer(slot);
        }
        else if (strike is not { Withhold: true })
        {
            Forward(dot, strike, slot);
        }
        else
        {
            // A relay that has a message without its end must not get one by what the client says next.
            wire.EndRelay(strike.AbortRelay ?? EndKind.Reset);
            _replies.RelayTaken();
            _slots.Answer(slot);
        }
    }

    /// <summary>Apart, so that nothing is made for it where nobody is asked.</summary>
    private void AwaitEnd(byte[] dot) => Await(() => End(dot));

    /// <summary>In mid-message.</summary>
    private void Strike(Strike strike)
    {
        foreach (var injection in strike.Injections)
        {
            injection.BodyOctets = _seen;
        }

        if (strike.Throttle is { } throttle)
        {
            wire.Throttle(throttle);
        }

        if (strike.AbortRelay is { } how)
        {
            wire.EndRelay(how);
        }

        if (strike is { Reply: null, BeforeForward.Ticks: > 0 })
        {
            Hold(strike, () => Report(strike));
        }
        else if (strike.Reply is not null || strike.Withhold)
        {
            // Steps in the middle of a message stand in no reply's place: they happen now.
            _slots.Now(new Slot(FaultPoint.DataBody, Operation.Body) { Strike = strike });
        }
        else
        {
            Report(strike);
        }
    }

    private void Report(Strike strike)
    {
        foreach (var injection in strike.Injections)
        {
            wire.Record(injection);
        }
    }

    private void Owe(ReadOnlySpan<byte> octets, Slot slot)
    {
        slot.IsHeld = false;
        if (wire.IsRelayGone)
        {
            (slot.OwnReply, slot.EndsSession) = (LocalReply.AfterFault.Closing, true);
            _slots.Answer(slot);
            return;
        }

        _replies.Owe(slot);
        wire.Forward(octets);
    }

    private void Hold(Strike strike, Action goesOn)
    {
        if (strike.BeforeForward <= TimeSpan.Zero)
        {
            goesOn();
            return;
        }

        (_held, _holder, _heldSince) = (goesOn, strike, wire.Clock());
        wire.Hold();
        wire.Timers.Set(FaultTimer.Forward, strike.BeforeForward);
    }

    private void EndHold()
    {
        _holder?.Held(Stopwatch.GetElapsedTime(_heldSince, wire.Clock()));
        wire.Timers.Cancel(FaultTimer.Forward);
        if (_answered is null)
        {
            wire.Release();
        }

        (_held, _holder, _answered, _released, IsAsking) = (null, null, null, null, false);
    }
}
