using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>Gets a session its relay: dials, and moves on to the next one as long as the client cannot notice.</summary>
internal sealed class RelayConnection(IPair pair, RelayRoute route, Observation seen, FirstLine firstLine, SessionHost host)
{
    /// <summary>Whether a relay was connected.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Dials the first or next relay. False: none is left.</summary>
    public bool DialNext()
    {
        if (!route.TryNext(pair, out var target))
        {
            return false;
        }

        seen.Dialling(route.Destination, pair.Now);
        pair.Dial(target);
        return true;
    }

    /// <summary>Takes the answer to a dial. False: neither this nor another relay can be reached.</summary>
    public bool Dialled(in DialResult result)
    {
        seen.Dialled(result, pair.Now);
        if (result.Outcome == DialOutcome.Connected)
        {
            IsConnected = true;
            firstLine.Begin();
            if (result.IsInjected)
            {
                route.SaysNothing();
            }

            return true;
        }

        if (result.Outcome == DialOutcome.NotDialled)
        {
            host.Telemetry.LimitHit(result.Shortage.Name());
            route.NotDialled();
            // Where nothing can be dialled, the other relays are not to be used up.
            return result.Shortage.ConcernsOnePeer() && DialNext();
        }

        if (result.IsInjected)
        {
            route.SaysNothing();
        }

        route.DialFailed(result);
        return DialNext();
    }

    /// <summary>Leaves a relay that is silent or gone before its greeting, while it was told nothing and the client has seen nothing.
    /// False: there is no other.</summary>
    public bool FailOver(string cause)
    {
        var left = route.Destination;
        route.GreetingFailed(cause);
        if (!route.TryNext(pair, out var target))
        {
            return false;
        }

        using (seen.Abandoned(pair.Now))
        {
            host.RelayAbandoned(left, route.Destination, cause);
        }

        IsConnected = false;
        firstLine.End();
        pair.Reset(Leg.Relay);
        pair.Pause(Leg.Client);
        seen.Dialling(route.Destination, pair.Now);
        pair.Dial(target);
        return true;
    }
}
