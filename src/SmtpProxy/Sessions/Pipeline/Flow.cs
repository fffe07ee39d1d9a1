using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>Why a leg is not read for now.</summary>
[Flags]
internal enum PauseReason : byte
{
    /// <summary>It is read.</summary>
    None = 0,

    /// <summary>There is nobody yet to hear it.</summary>
    NoPeer = 1,

    /// <summary>The other leg does not take what this one says.</summary>
    Unsent = 2,

    /// <summary>What it says waits in the proxy: to be understood, or for a fault.</summary>
    Kept = 4,

    /// <summary>It has not taken what it made the proxy say.</summary>
    Answers = 8,

    /// <summary>A fault stalls it.</summary>
    Stalled = 16,
}

/// <summary>
/// Back-pressure, in one place: whatever makes a party's unsent queue grow is paused until it has drained, the proxy's own replies
/// included. Each reason stands for itself; a leg is read when none is left. Besides, the transport reads no leg to which more than
/// <see cref="QueueMemory.Bound"/> is unsent.
/// </summary>
internal sealed class Flow(IPair pair)
{
    private OfLegs<PauseReason> _reasons;
    private OfLegs<bool> _flows;

    /// <summary>A reason stands, or does not.</summary>
    public void Set(Leg from, PauseReason reason, bool stands)
    {
        ref var reasons = ref _reasons[(int)from];
        var before = reasons;
        reasons = stands ? before | reason : before & ~reason;
        if (_flows[(int)from] || (before == PauseReason.None) == (reasons == PauseReason.None))
        {
            return;
        }

        if (reasons == PauseReason.None)
        {
            pair.Resume(from);
        }
        else
        {
            pair.Pause(from);
        }
    }

    /// <summary>What still comes from this leg goes nowhere: it is read whatever stands, so that its end is seen.</summary>
    public void Discard(Leg from)
    {
        _flows[(int)from] = true;
        pair.Resume(from);
    }

    /// <summary>A new connection on this leg: it is read.</summary>
    public void Renew(Leg from) => (_reasons[(int)from], _flows[(int)from]) = (PauseReason.None, false);
}
