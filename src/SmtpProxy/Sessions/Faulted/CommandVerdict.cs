using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What becomes of one command line: forwarded, held, or answered here; and what the relay must be told so that it stays in step
/// with a client that heard something else.</summary>
internal sealed class CommandVerdict(FaultWire wire, ISessionFaults faults, FaultFacts facts, ClientView client, RelayDialogue relay,
    ReplyGate replies, SlotQueue slots)
{
    private bool _isEnding;

    private delegate void Decision(ReadOnlySpan<byte> line, BodyGate body);

    /// <summary>Decides about the line that the client's view has just read.</summary>
    public void Decide(ReadOnlySpan<byte> line, BodyGate body)
    {
        if (client.Opened is not { } verb)
        {
            Step(line, body);
            return;
        }

        var point = CommandPoints.Of(verb, client.IsLast);
        body.BeginChunk(verb == Verb.Bdat);
        if (_isEnding)
        {
            // The session ends in the place of an earlier command of the same pipeline: nobody will hear an answer to
            // this one, so nothing can strike it.
            slots.Open(point, CommandPoints.OperationOf(point), null);
            body.Withhold(verb == Verb.Bdat);
            return;
        }

        if (Local(verb, out var ends) is { } answer)
        {
            var own = slots.Open(point, CommandPoints.OperationOf(point), null);
            (own.OwnReply, own.EndsSession) = (answer, ends);
            body.Withhold(verb == Verb.Bdat);
            slots.Answer(own);
            return;
        }

        var strike = Ask(point);
        if (faults.IsAsking(point, facts))
        {
            Await(line, body, Decide);
        }
        else if (strike is null && verb == Verb.StartTls && facts.OffersTls)
        {
            Shake(line, body);
        }
        else
        {
            Carry(verb, point, line, strike, body);
        }
    }

    private static void Await(ReadOnlySpan<byte> line, BodyGate body, Decision again)
    {
        byte[] octets = [.. line];
        body.Await(() => again(octets, body));
    }

    /// <summary>STARTTLS, at which nothing struck: the handshake that it leads to.</summary>
    private void Shake(ReadOnlySpan<byte> line, BodyGate body)
    {
        var strike = Ask(FaultPoint.TlsHandshake);
        if (faults.IsAsking(FaultPoint.TlsHandshake, facts))
        {
            Await(line, body, Shake);
        }
        else
        {
            Carry(Verb.StartTls, FaultPoint.StartTls, line, strike, body);
        }
    }

    /// <summary>It was decided what strikes.</summary>
    private void Carry(Verb verb, FaultPoint point, ReadOnlySpan<byte> line, Strike? strike, BodyGate body)
    {
        var slot = slots.Open(point, CommandPoints.OperationOf(point), strike, line.Length);
        if (strike is not { Withhold: true })
        {
            wire.ShowInstead(strike?.Certificate);
            body.Forward(line, strike, slot);
        }
        else if (strike.AbortRelay is not null && slots.AwaitsRelay(before: slot))
        {
            // What the client has asked before is answered before the relay is left.
            byte[] octets = [.. line];
            body.AwaitAnswers(slot, () => Withhold(verb, octets, strike, slot, body), () => Spare(octets, strike, slot, body));
        }
        else
        {
            Withhold(verb, line, strike, slot, body);
        }
    }

    /// <summary>What had not struck yet does not.</summary>
    private void Spare(byte[] line, Strike strike, Slot slot, BodyGate body)
    {
        foreach (var injection in strike.Injections)
        {
            injection.Released = true;
            wire.Record(injection);
        }

        slot.Strike = null;
        body.Forward(line, null, slot);
    }

    private void Withhold(Verb verb, ReadOnlySpan<byte> line, Strike strike, Slot slot, BodyGate body)
    {
        _isEnding = strike.Reply?.Invoke(default).Any(static step => step is ReplyStep.End { Only: not Leg.Relay }) == true;
        body.Withhold(verb == Verb.Bdat);
        Reconcile(verb, line, strike);
        Abort(strike);
        slots.Answer(slot);
    }

    /// <summary>A SASL response.</summary>
    private void Step(ReadOnlySpan<byte> line, BodyGate body)
    {
        var strike = Ask(FaultPoint.AuthStep);
        if (faults.IsAsking(FaultPoint.AuthStep, facts))
        {
            Await(line, body, Step);
            return;
        }

        var slot = slots.Open(FaultPoint.AuthStep, Operation.Auth, strike, line.Length);
        if (wire.IsRelayGone)
        {
            (slot.OwnReply, slot.EndsSession) = (LocalReply.AfterFault.Closing, true);
            slots.Answer(slot);
        }
        else if (strike is not { Withhold: true })
        {
            body.Forward(line, strike, slot);
        }
        else
        {
            // The relay still waits for a response: it is told that none comes (RFC 4954 4), and its 501 is nobody's business.
            replies.SendHidden("*\r\n"u8);
            Abort(strike);
            slots.Answer(slot);
        }
    }

    private Strike? Ask(FaultPoint point)
    {
        if (wire.IsRelayGone || slots.IsEndTold || !faults.Watches(point).HasFlag(Watch.Command))
        {
            return null;
        }

        var strike = faults.OnCommand(point, facts);
        if (strike?.Throttle is { } throttle)
        {
            wire.Throttle(throttle);
        }

        return strike;
    }

    /// <summary>What is answered here whatever the rules are: the relay is gone, or the client uses what it was not shown.</summary>
    private byte[]? Local(Verb verb, out bool ends)
    {
        ends = false;
        if (wire.IsRelayGone)
        {
            return LocalTail.Answer(verb, slots.HasRefused, out ends);
        }

        if (slots.Shown is not { } shown)
        {
            return null;
        }

        return verb == Verb.StartTls && shown.Hidden.Contains("STARTTLS") ? LocalReply.AfterFault.NotOffered
            : verb == Verb.Mail && facts.DeclaredSize > shown.MaxSize ? LocalReply.AfterFault.TooBig
            : null;
    }

    /// <summary>The client hears something of us; the relay must not stand where the client no longer is.</summary>
    private void Reconcile(Verb verb, ReadOnlySpan<byte> line, Strike strike)
    {
        switch (verb)
        {
            case Verb.Data or Verb.Bdat when relay.InTransaction && strike.AbortRelay is null:
                // Or the next MAIL would be a nested one. A relay that is left anyway forgets the transaction with the connection.
                replies.SendHidden("RSET\r\n"u8);
                break;
            case Verb.Rset or Verb.Quit:
                replies.SendHidden(line);
                break;
        }
    }

    private void Abort(Strike strike)
    {
        if (strike.AbortRelay is { } how)
        {
            wire.EndRelay(how);
            replies.RelayTaken();
        }
    }
}
