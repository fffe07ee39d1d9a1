using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>
/// Relay to client: gives each reply to the slot that waits for it. A reply without a strike goes out as it comes. One of which a rule must
/// know the code is kept until it is whole, and judged by itself, also where several answer one message (LMTP, PRDR): it never waits for
/// another. What belongs to no reply, such as an informational line (PROTOCOL 10.9), waits for nothing but the replies before it.
/// </summary>
internal sealed class ReplyGate(FaultWire wire, ISessionFaults faults, FaultFacts facts, RelayDialogue relay, SlotQueue slots)
{
    private readonly LinkedList<Slot> _owed = new();
    private readonly List<Slot> _undecided = [];
    private Slot? _stray;
    private Origin _origin;

    /// <summary>It is another relay: it was asked nothing yet.</summary>
    public void Renew() => _owed.Clear();

    /// <summary>The relay was asked: its next free reply belongs to this slot.</summary>
    public void Owe(Slot slot)
    {
        slot.IsWatched = faults.AwaitsReply(slot.Point, facts);
        slot.Facts = slot.IsWatched ? facts.Snapshot() : null;
        slots.HoldRest(slot, slot.Strike?.CutsOff == true || (slot.IsWatched && faults.Watches(slot.Point).HasFlag(Watch.CutsOff)));
        _owed.AddLast(slot);
    }

    /// <summary>Sends the relay what no client said, and hides its answer.</summary>
    public void SendHidden(ReadOnlySpan<byte> command)
    {
        if (!wire.IsRelayGone)
        {
            wire.Forward(command);
            _owed.AddLast(new Slot(FaultPoint.AnyCommand, Operation.Other) { IsSwallowed = true });
        }
    }

    /// <summary>Octets of the relay.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="origin">Whose words they are.</param>
    public void Take(ReadOnlySpan<byte> octets, Origin origin)
    {
        _origin = origin;
        while (!octets.IsEmpty)
        {
            // Where the guard reads the dialogue, what it passes on is one element.
            var count = relay.IsRead ? octets.Length : relay.Heard(octets, origin);
            var part = octets[..count];
            octets = octets[count..];
            if (relay.WasOpaque)
            {
                Unread(part);
                GoOn();
            }
            else if (relay.HasReplied)
            {
                Whole(part);
            }
            else if (relay.IsInsideReply)
            {
                Part(part);
            }
            else
            {
                NoReply(part);
            }
        }

        if (relay.IsOpaque)
        {
            Unread([]);
        }
    }

    /// <summary>Nobody can say any more which octets are a reply: what is kept goes first, as it is, and then
    /// what comes, in its turn.</summary>
    private void Unread(ReadOnlySpan<byte> octets)
    {
        EndStray();
        var owed = _owed.Where(static slot => slot is { IsSwallowed: false, IsReady: false }).ToArray();
        _owed.Clear();
        foreach (var slot in owed)
        {
            Spare(slot);
            slots.Answer(slot);
        }

        if (octets.IsEmpty || slots.IsEmpty)
        {
            wire.Tell(octets, _origin);
            return;
        }

        var rest = slots.Open(FaultPoint.AnyCommand, Operation.Other, null);
        rest.Origin = _origin;
        rest.Real.Append(octets);
        slots.Answer(rest);
    }

    /// <summary>What may have been TLS is answered in SMTP: the replies that are owed to it answer nothing that was looked at.</summary>
    private void GoOn()
    {
        for (var owed = relay.IsOpaque ? 0 : relay.Outstanding; owed > 0; owed--)
        {
            _owed.AddLast(slots.Open(FaultPoint.AnyCommand, Operation.Other, null));
        }
    }

    /// <summary>The relay is gone by our doing: who waits for it is answered here.</summary>
    public void RelayTaken()
    {
        foreach (var slot in _owed.Where(static slot => !slot.IsSwallowed && !slot.IsReady))
        {
            (slot.OwnReply, slot.EndsSession, slot.IsReady) = (LocalReply.AfterFault.Closing, true, true);
        }

        _owed.Clear();
    }

    /// <summary>More of a reply that is not whole yet.</summary>
    private void Part(ReadOnlySpan<byte> part)
    {
        var slot = _owed.First?.Value;
        Join(slot);
        slot ??= Stray();
        if (slot is null || slots.MayPass(slot))
        {
            slots.Passes(slot);
            wire.Tell(part, _origin);
        }
        else if (!slot.IsSwallowed)
        {
            slot.Real.Append(part);
            if (slot.Real.Length > Slot.LongestReply)
            {
                // Too long to be changed: it passes as it is.
                Spare(slot);
                slots.Advance();
            }
        }
    }

    /// <summary>A line that belongs to no reply, with what there was of it before: nothing can strike it.</summary>
    private void NoReply(ReadOnlySpan<byte> line)
    {
        if (_owed.First?.Value is { } slot)
        {
            Join(slot);
            slot.Precede(line);
            slots.Advance();
            return;
        }

        Part(line);
        EndStray();
    }

    /// <summary>What answers nothing that was asked here has no slot, and goes after the replies that have one.</summary>
    /// <returns>Null: there are none.</returns>
    private Slot? Stray()
    {
        if (_stray is null && !slots.IsEmpty)
        {
            _stray = slots.Open(FaultPoint.AnyCommand, Operation.Other, null);
            _stray.Origin = _origin;
        }

        return _stray;
    }

    /// <summary>What had begun before this was asked answers it: its octets stay together.</summary>
    private void Join(Slot? asked)
    {
        if (asked is not null && _stray is { } begun)
        {
            asked.Real.Append(begun.Real.Take());
            EndStray();
        }
    }

    private void EndStray()
    {
        if (_stray is { } slot)
        {
            _stray = null;
            slots.Answer(slot);
        }
    }

    /// <summary>Lets this reply pass unchanged; records what happened to its command.</summary>
    private void Spare(Slot slot)
    {
        foreach (var injection in slot.Strike?.Injections ?? [])
        {
            wire.Record(injection);
        }

        (slot.IsWatched, slot.Strike) = (false, null);
    }

    private void Whole(ReadOnlySpan<byte> part)
    {
        if (relay.IsUnsolicited || relay.IsEarlyVerdict || _owed.First is not { Value: var slot })
        {
            Part(part);
            if (_stray is not null && relay is { IsUnsolicited: false, IsEarlyVerdict: false, MoreFollow: false })
            {
                slots.AnswerAhead();
            }

            EndStray();
            return;
        }

        Join(slot);
        if (!relay.MoreFollow)
        {
            _owed.RemoveFirst();
        }

        if (slot.IsSwallowed)
        {
            return;
        }

        (slot.RealCode, slot.Origin, slot.Queued) = (relay.Code, _origin, relay.Queued ?? slot.Queued);
        if (slots.MayPass(slot))
        {
            slots.Passes(slot);
            wire.Tell(part, _origin);
            if (!relay.MoreFollow)
            {
                slots.Passed();
            }

            return;
        }

        slot.Real.Append(part);
        if (relay.MoreFollow && slot.IsPlain)
        {
            return;
        }

        if (relay.MoreFollow)
        {
            // What was decided about the command falls on the first reply to it. The others are judged as they come.
            _owed.First!.Value = slots.OpenAfter(slot);
        }

        if (slot is { IsWatched: true, OwnReply: null, Facts: { } known } && !relay.IsAnnouncement && !IsDecided(slot, known))
        {
            _undecided.Add(slot);
            slot.IsHeld = true;
            wire.Hold();
            return;
        }

        slots.Answer(slot);
    }

    /// <summary>The fleet has answered something: replies that waited for it go on.</summary>
    public void Decided()
    {
        foreach (var slot in _undecided.ToArray())
        {
            if (IsDecided(slot, slot.Facts!))
            {
                GoOn(slot);
            }
        }
    }

    /// <summary>Replies wait for the fleet no longer: nothing strikes them.</summary>
    public void DecideNow()
    {
        foreach (var slot in _undecided.ToArray())
        {
            faults.Forget(slot.Point, slot.Facts!);
            GoOn(slot);
        }
    }

    private void GoOn(Slot slot)
    {
        _undecided.Remove(slot);
        slot.IsHeld = false;
        wire.Release();
        slots.Answer(slot);
    }

    /// <summary>Asks what strikes a reply. False: the fleet is being asked.</summary>
    private bool IsDecided(Slot slot, FaultFacts known)
    {
        known.RelayCode = slot.RealCode;
        if (faults.OnReply(slot.Point, known) is not { } strike)
        {
            return !faults.IsAsking(slot.Point, known);
        }

        slot.Add(strike);
        if (slot.LeavesAuth)
        {
            // It waits for a response, and none comes (RFC 4954, section 4).
            SendHidden("*\r\n"u8);
        }

        if (strike.Throttle is { } throttle)
        {
            wire.Throttle(throttle);
        }

        return true;
    }
}
