using SmtpProxy.Protocol;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>Which wait of a session is running, and how long it may last. Every limit is per wait, as RFC 5321 4.5.3.2 has it; there is none for a
/// whole session.</summary>
internal sealed class Deadlines(IPair pair, SessionLimits limits, Observation seen)
{
    private int _awaited = -1;

    /// <summary>Sets the timers anew after octets of <paramref name="from"/> passed.</summary>
    public void After(Leg from)
    {
        if (seen.IsOpaque)
        {
            pair.CancelTimer(PairTimer.RelayRead);
            pair.SetTimer(PairTimer.ClientRead, limits.OpaqueIdle);
            return;
        }

        if (seen.Turn == Party.Server && seen.Awaited is { } operation)
        {
            pair.CancelTimer(PairTimer.ClientRead);
            // Only the relay's own octets or another exchange renew its time: a client that talks on must not.
            if (from == Leg.Relay || _awaited != seen.AwaitedIndex)
            {
                _awaited = seen.AwaitedIndex;
                pair.SetTimer(PairTimer.RelayRead, ForReply(operation));
            }

            return;
        }

        _awaited = -1;
        pair.CancelTimer(PairTimer.RelayRead);
        pair.SetTimer(PairTimer.ClientRead, seen.Phase is ClientPhase.Data or ClientPhase.Chunk ? limits.DataBlock : limits.ClientIdle);
    }

    /// <summary>The relay is connected: it owes its greeting.</summary>
    public void AwaitGreeting()
    {
        _awaited = -1;
        After(Leg.Relay);
    }

    /// <summary>A leg does not take octets: its peer is waited for, and nobody else.</summary>
    public void Blocked(Leg to)
    {
        pair.CancelTimer(PairTimer.ClientRead);
        pair.CancelTimer(PairTimer.RelayRead);
        pair.SetTimer(WriteTimer(to), limits.Write);
        _awaited = -1;
    }

    /// <summary>It takes them again.</summary>
    public void Unblocked(Leg to)
    {
        pair.CancelTimer(WriteTimer(to));
        After(to == Leg.Client ? Leg.Relay : Leg.Client);
    }

    /// <summary>The timer of a leg's writes.</summary>
    public static PairTimer WriteTimer(Leg to) => to == Leg.Client ? PairTimer.ClientWrite : PairTimer.RelayWrite;

    private TimeSpan ForReply(Operation operation) => operation switch
    {
        Operation.Greeting => limits.Greeting,
        Operation.Data => limits.DataReply,
        Operation.EndOfData => limits.FinalReply,
        _ => limits.Reply,
    };
}
