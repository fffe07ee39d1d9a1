using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>Ends a session from our side, and says why it ended.</summary>
internal sealed class Parting(IPair pair, Observation seen)
{
    /// <summary>How long a peer may take to close behind our FIN before the connection is reset.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private SessionOutcome? _ours;

    /// <summary>We have ended it; what still comes is dropped.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The leg whose inbound direction ended first.</summary>
    public Leg? FirstToEnd { get; set; }

    /// <summary>What we ended ourselves has its reason; otherwise the dialogue tells, and at last who went first.</summary>
    public SessionOutcome Outcome => _ours
        ?? (seen.Quit ? SessionOutcome.Quit
            : seen.GreetingRefused ? SessionOutcome.Refused
            : FirstToEnd == Leg.Relay ? SessionOutcome.RelayGone : SessionOutcome.ClientGone);

    /// <summary>A reply where one can stand, then FIN both ways.</summary>
    /// <param name="reply">One whole reply.</param>
    /// <param name="outcome">Why.</param>
    /// <param name="connected">Whether there is a relay leg to close; otherwise a dial is given up.</param>
    /// <param name="mayStand">Somebody knows that the reply can stand although the dialogue is not followed any more.</param>
    public void Begin(byte[] reply, SessionOutcome outcome, bool connected, bool mayStand = false)
    {
        if (HasBegun)
        {
            return;
        }

        Because(outcome);
        // Behind the relay's FIN the client has had ours: nothing can follow.
        if ((seen.MaySpeak || mayStand) && FirstToEnd != Leg.Relay)
        {
            pair.Send(Leg.Client, reply);
            seen.Spoke(reply, pair.Clock());
        }

        HasBegun = true;
        foreach (var timer in (ReadOnlySpan<PairTimer>)[PairTimer.ClientRead, PairTimer.ClientWrite, PairTimer.RelayRead, PairTimer.RelayWrite])
        {
            pair.CancelTimer(timer);
        }

        // What the client still sends is read and dropped: closing over unread octets would turn our FIN into a reset and lose the reply.
        pair.Shut(Leg.Client);
        pair.Resume(Leg.Client);
        if (connected)
        {
            pair.Shut(Leg.Relay);
            pair.Resume(Leg.Relay);
        }
        else
        {
            pair.Reset(Leg.Relay);
        }

        pair.SetTimer(PairTimer.Session, Linger);
    }

    /// <summary>Does what is asked of it, if it is to end the session for what is required of it.</summary>
    /// <returns>False: it is asked to end gracefully, which is for others to see to.</returns>
    public bool Obey(SessionAsk ask, bool connected)
    {
        switch (ask)
        {
            case SessionAsk.EndInsecure or SessionAsk.EndInsecureSilently:
                seen.Requires(tls: true);
                Begin(LocalReply.TlsNotReached, SessionOutcome.Refused, connected, mayStand: ask == SessionAsk.EndInsecure);
                break;
            case SessionAsk.EndUnidentified:
                seen.Requires(tls: false);
                Begin(LocalReply.NotFollowed, SessionOutcome.Refused, connected);
                break;
        }

        return HasBegun || ask != SessionAsk.Drain;
    }

    /// <summary>RST both ways, now.</summary>
    public void Cut(SessionOutcome outcome)
    {
        Because(outcome);
        HasBegun = true;
        pair.Reset(Leg.Relay);
        pair.Reset(Leg.Client);
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
