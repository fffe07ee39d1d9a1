using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>How many octets a session's legs sent, which leg takes no more, and which final replies its client's kernel does not have yet.</summary>
internal struct OctetFlow
{
    /// <summary>Octets that the client sent.</summary>
    public long ClientOctets { get; private set; }

    /// <summary>Octets that the relay sent.</summary>
    public long RelayOctets { get; private set; }

    /// <summary>Octets of the buffer that was read last.</summary>
    public int Buffered { get; private set; }

    /// <summary>Messages that the relay took, and whose reply the client may not have.</summary>
    public int UnseenAcceptances { get; private set; }

    /// <summary>Messages that the relay refused, and whose reply the client may not have.</summary>
    public int UnseenRefusals { get; private set; }

    // The small ones last: the largest first leaves no gaps in a session's memory.
    private bool _clientIsBlocked;
    private bool _relayIsBlocked;

    /// <summary>The leg that was read last.</summary>
    public Leg ReadFrom { get; private set; }

    /// <summary>Octets that the leg that was read last sent so far.</summary>
    public readonly long Position => ReadFrom == Leg.Client ? ClientOctets : RelayOctets;

    /// <summary>A buffer was read.</summary>
    public void Read(Leg from, int octets)
    {
        (ReadFrom, Buffered) = (from, octets);
        Count(from, octets);
    }

    /// <summary>Octets of this leg passed.</summary>
    public void Count(Leg from, long octets)
    {
        if (from == Leg.Client)
        {
            ClientOctets += octets;
        }
        else
        {
            RelayOctets += octets;
        }
    }

    /// <summary>A message has its final reply, which the client's kernel does not have yet.</summary>
    public void FinalReply(bool accepted)
    {
        if (accepted)
        {
            UnseenAcceptances++;
        }
        else
        {
            UnseenRefusals++;
        }
    }

    /// <summary>A leg takes octets, or does not.</summary>
    public void Block(Leg leg, bool blocked)
    {
        if (leg == Leg.Relay)
        {
            _relayIsBlocked = blocked;
            return;
        }

        _clientIsBlocked = blocked;
        if (!blocked)
        {
            // All replies are with the client's kernel.
            (UnseenAcceptances, UnseenRefusals) = (0, 0);
        }
    }

    /// <summary>Who is waited for: a leg that does not take octets, before whoever has the next word.</summary>
    public readonly Owner WaitsFor(Owner turn) => _relayIsBlocked ? Owner.Relay : _clientIsBlocked ? Owner.Client : turn;
}
