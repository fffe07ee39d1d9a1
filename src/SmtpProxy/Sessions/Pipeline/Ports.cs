using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>Both ways out of a session: to its client, and, past its filters, to its relay.</summary>
internal sealed class Ports(ClientPort client, SessionFilter relay)
{
    /// <summary>Octets for a leg.</summary>
    public void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        if (to == Leg.Client)
        {
            client.Send(octets);
        }
        else
        {
            relay.FromClient(octets);
        }
    }

    /// <summary>Octets for a leg that have not gone.</summary>
    public int Unsent(Leg to) => to == Leg.Client ? client.Unsent : relay.Unsent;

    /// <summary>FIN after everything.</summary>
    public void Shut(Leg leg)
    {
        if (leg == Leg.Client)
        {
            client.Shut();
        }
        else
        {
            relay.ShutRelay();
        }
    }

    /// <summary>RST now.</summary>
    public void Reset(Leg leg)
    {
        if (leg == Leg.Client)
        {
            client.Reset();
        }
        else
        {
            relay.ResetRelay();
        }
    }

    /// <summary>No more of the client, and what it was sent stays its own; RST where something of that has not gone.</summary>
    public void CloseClient() => client.Close();

    /// <summary>Connects a relay.</summary>
    public void Dial(in RelayTarget target) => relay.Dial(target);

    /// <summary>Lets the transport move octets of a leg, where no filter has to see them.</summary>
    public void Splice(Leg from, long octets) => relay.Splice(from, octets);
}
