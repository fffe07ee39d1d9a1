using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Relay to client: gives each reply to the slot that waits for it. A reply without a strike goes out as it comes.</summary>
internal sealed class ReplyGate(FaultWire wire, ISessionFaults faults, FaultFacts facts, RelayDialogue relay, SlotQueue slots)
{
    private readonly Queue<Slot> _owed = new();
    private Origin _origin;

    /// <summary>It is another relay: it was asked nothing yet.</summary>
    public void Renew() => _owed.Clear();

    /// <summary>The relay was asked: its next free reply belongs to this slot.</summary>
    public void Owe(Slot slot)
    {
        slot.IsWatched = faults.Watches(slot.Point).HasFlag(Watch.Reply);
        slot.Facts = slot.IsWatched ? facts.Snapshot() : null;
        _owed.Enqueue(slot);
    }

    /// <summary>Sends the relay what no client said, and hides its answer.</summary>
    public void SendHidden(ReadOnlySpan<byte> command)
    {
        if (!wire.IsRelayGone)
        {
            wire.SendOwn(command);
            _owed.Enqueue(new Slot(FaultPoint.AnyCommand, Operation.Other) { IsSwallowed = true });
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
            var count = relay.IsRead ? octets.Length : relay.Heard(octets);
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
            else
            {
                Part(part);
            }
        }

        if (relay.IsOpaque)
        {
            Unread([]);
        }
    }

    /// <summary>Nobody can say any more which octets are a reply: what is kept goes first, as it is, and then what comes, in its turn.</summary>
    private void Unread(ReadOnlySpan<byte> octets)
    {
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
            _owed.Enqueue(slots.Open(FaultPoint.AnyCommand, Operation.Other, null));
        }
    }

    /// <summary>The relay is gone by our doing: who waits for it is answered here.</summary>
    public void RelayTaken()
    {
        foreach (var slot in _owed.Where(static slot => !slot.IsSwallowed && !slot.IsReady))
        {
            slot.OwnReply = LocalReply.AfterFault.Closing;
            slot.EndsSession = true;
            slot.IsReady = true;
        }

        _owed.Clear();
    }

    private void Part(ReadOnlySpan<byte> part)
    {
        if (_owed.TryPeek(out var slot) && !slot.IsSwallowed)
        {
            if (slots.MayPass(slot))
            {
                wire.Tell(part, _origin);
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
            wire.Tell(part, _origin);
        }
    }

    /// <summary>Too long to be changed: it passes as it is.</summary>
    private void Skip(Slot slot, ReadOnlySpan<byte> part)
    {
        slot.Real.Append(part);
        Spare(slot);
        if (slots.MayPass(slot))
        {
            wire.Tell(slot.Real.Take(), _origin);
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
        if (relay.IsUnsolicited || relay.IsEarlyVerdict || !_owed.TryPeek(out var slot))
        {
            // It answers nothing that was asked here. It has no slot, and goes after the replies that have one.
            if (slots.IsEmpty)
            {
                wire.Tell(part, _origin);
                return;
            }

            slot = slots.Open(FaultPoint.AnyCommand, Operation.Other, null);
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
        slot.Origin = _origin;
        slot.Queued = relay.Queued ?? slot.Queued;
        if (relay.MoreFollow)
        {
            Part(part);
            return;
        }

        if (slots.MayPass(slot) && slot.Real.Length == 0)
        {
            wire.Tell(part, _origin);
            slots.Passed();
            return;
        }

        slot.Real.Append(part);
        Decide(slot);
        slots.Answer(slot);
    }

    private void Decide(Slot slot)
    {
        if (slot is not { IsWatched: true, OwnReply: null, Facts: { } known })
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
}
