using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>Ends a session from our side, and says why it ended.</summary>
/// <param name="context">The session.</param>
/// <param name="ports">The ways to both peers.</param>
/// <param name="relay">Says whether there is a relay leg to close; otherwise a dial is given up.</param>
internal sealed class SessionTermination(SessionContext context, Ports ports, RelayConnection relay)
{
    private readonly DialogueTracker _seen = context.Dialogue;
    private SessionOutcome? _ours;

    /// <summary>We have ended it; what still comes is dropped.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>A stop was asked for: it ends between two transactions.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>The leg whose inbound direction ended first.</summary>
    public Leg? FirstToEnd { get; set; }

    /// <summary>What we ended ourselves has its reason; otherwise the dialogue tells, and at last who went first.</summary>
    public SessionOutcome Outcome => context.IsEndedByFault ? SessionOutcome.Fault : ByItself;

    /// <summary>The same without regard to faults.</summary>
    public SessionOutcome ByItself => _ours
        ?? (_seen.Quit ? SessionOutcome.Quit
            : _seen.GreetingRefused ? SessionOutcome.Refused
            : FirstToEnd == Leg.Relay ? SessionOutcome.RelayGone : SessionOutcome.ClientGone);

    /// <summary>A reply where one can stand, then FIN both ways.</summary>
    /// <param name="reply">One whole reply.</param>
    /// <param name="outcome">Why.</param>
    /// <param name="mayStand">Somebody knows that the reply can stand although the dialogue is not followed any more.</param>
    public void Begin(byte[] reply, SessionOutcome outcome, bool mayStand = false)
    {
        if (HasBegun)
        {
            return;
        }

        Because(outcome);
        context.IsEnding = true;
        Receipt.Close(context, late: outcome == SessionOutcome.Timeout);
        // After the relay's FIN, or that of a fault, the client has had ours: nothing can follow.
        if ((_seen.MaySpeak || mayStand) && FirstToEnd != Leg.Relay && !context.Client.IsShut)
        {
            ports.Send(Leg.Client, reply);
            _seen.Spoke(reply, context.Clock());
        }

        HasBegun = true;
        foreach (var timer in (ReadOnlySpan<PairTimer>)[PairTimer.ClientRead, PairTimer.ClientWrite, PairTimer.RelayRead,
            PairTimer.RelayWrite])
        {
            context.Timers.Cancel(timer);
        }

        // What the client still sends is read and dropped: closing over unread octets would turn our FIN into a reset and lose the reply.
        ports.Shut(Leg.Client);
        context.Flow.Set(Leg.Client, PauseReason.NoPeer | PauseReason.Unsent, stands: false);
        if (relay.IsConnected)
        {
            ports.Shut(Leg.Relay);
            context.Flow.Set(Leg.Relay, PauseReason.Unsent, stands: false);
        }
        else
        {
            ports.Reset(Leg.Relay);
        }

        context.Timers.Set(PairTimer.Session, SessionTimers.Linger);
    }

    /// <summary>Ends the session as it is asked to.</summary>
    /// <param name="signal">What is asked.</param>
    /// <param name="deadline">How long a transaction may go on after a stop.</param>
    public void Obey(SessionSignal signal, TimeSpan deadline)
    {
        switch (signal)
        {
            case SessionSignal.EndInsecure or SessionSignal.EndInsecureSilently:
                context.Telemetry.EndedFor(tls: true);
                Begin(LocalReply.TlsNotReached, SessionOutcome.Refused, mayStand: signal == SessionSignal.EndInsecure);
                break;
            case SessionSignal.EndUnidentified:
                context.Telemetry.EndedFor(tls: false);
                Begin(LocalReply.NotFollowed, SessionOutcome.Refused);
                break;
            case SessionSignal.Drain when !HasBegun && !IsDraining:
                IsDraining = true;
                context.Timers.Set(PairTimer.Session, deadline);
                if (relay.IsConnected)
                {
                    BeginIfAtRest();
                }
                else
                {
                    Begin(LocalReply.Stopping, SessionOutcome.Shutdown);
                }

                break;
        }
    }

    /// <summary>When stopping: ends the session as soon as no transaction and no exchange is open.</summary>
    public void BeginIfAtRest()
    {
        if (IsDraining && !HasBegun && _seen.IsAtRest)
        {
            Begin(LocalReply.Stopping, SessionOutcome.Shutdown);
        }
    }

    /// <summary>One direction is over: the other has this long for its next octet.</summary>
    public void RenewHalfClosed()
    {
        if (FirstToEnd is not null && !IsDraining)
        {
            context.Timers.Set(PairTimer.Session, context.Limits.HalfClosed);
        }
    }

    /// <summary>What the session waited for, to end, did not come in time.</summary>
    public void TimedOut()
    {
        if (IsDraining && !HasBegun && _seen.MaySpeak)
        {
            Begin(LocalReply.Stopping, SessionOutcome.Shutdown);
        }
        else if (HasBegun)
        {
            // The client has had our last words for a while. One that is late finds them, and no reset in their place.
            ports.Reset(Leg.Relay);
            ports.CloseClient();
        }
        else if (FirstToEnd == Leg.Client && !IsDraining && !context.IsHolding && _seen is { IsOpaque: false, Turn: Leg.Relay })
        {
            // The relay owes a reply, and there is a limit for that one: who cuts it off here may have a message sent twice.
            RenewHalfClosed();
        }
        else
        {
            Cut(IsDraining ? SessionOutcome.Shutdown : SessionOutcome.Timeout);
        }
    }

    /// <summary>RST both ways, now.</summary>
    public void Cut(SessionOutcome outcome)
    {
        Because(outcome);
        HasBegun = true;
        ports.Reset(Leg.Relay);
        ports.Reset(Leg.Client);
    }

    /// <summary>A session that one side has left already ended for that reason; we only clear up.</summary>
    private void Because(SessionOutcome outcome)
    {
        if (FirstToEnd is null)
        {
            _ours ??= outcome;
        }
    }
}
