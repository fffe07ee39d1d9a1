using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>Gets a session its relay: dials, and moves on to the next one as long as the client cannot notice.</summary>
internal sealed class RelayConnection(SessionContext context, Ports ports, RelayRoute route, FirstLine firstLine, SessionHost host)
{
    private readonly DialogueTracker _seen = context.Dialogue;

    /// <summary>Whether a relay was connected.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Dials the first or next relay. False: none is left.</summary>
    public bool DialNext()
    {
        if (!route.TryNext(context.Pair, out var target))
        {
            return false;
        }

        _seen.Dialling(route.Destination, target.Connection.Address, context.Now);
        ports.Dial(target);
        return true;
    }

    /// <summary>Takes the answer to a dial. False: neither this nor another relay can be reached.</summary>
    public bool Dialled(in DialNote dial)
    {
        _seen.Dialled(dial, context.Now);
        if (dial.Outcome == DialOutcome.Connected)
        {
            IsConnected = true;
            firstLine.Begin();
            if (dial.IsInjected)
            {
                route.SaysNothing();
            }

            return true;
        }

        if (dial.Outcome == DialOutcome.NotDialled)
        {
            host.Telemetry.LimitHit(dial.Result.Shortage.Name());
            route.NotDialled();
            // Where nothing can be dialled, the other relays are not to be used up.
            return dial.Result.Shortage.ConcernsOnePeer() && DialNext();
        }

        if (dial.IsInjected)
        {
            route.SaysNothing();
        }

        route.DialFailed(dial.Result);
        return DialNext();
    }

    /// <summary>Leaves a relay that is silent or gone before its greeting, while it was told nothing and the client has seen nothing.
    /// False: there is no other.</summary>
    public bool FailOver(string cause)
    {
        var left = route.Destination;
        route.GreetingFailed(cause);
        if (!route.TryNext(context.Pair, out var target))
        {
            return false;
        }

        var trace = context.Telemetry.Trace;
        trace.Keep(KeepReason.Error, context.Now);
        using (trace.Enter())
        {
            host.RelayAbandoned(left, route.Destination, cause);
        }

        IsConnected = false;
        firstLine.End();
        ports.Reset(Leg.Relay);
        context.Flow.Set(Leg.Client, PauseReason.NoPeer, stands: true);
        _seen.Dialling(route.Destination, target.Connection.Address, context.Now);
        ports.Dial(target);
        return true;
    }
}
