using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>How many octets a session's legs sent, which leg takes no more, and which final replies its client's
/// kernel does not have yet.</summary>
internal struct OctetFlow
{
    /// <summary>Octets that the client sent.</summary>
    public long ClientOctets { get; private set; }

    /// <summary>Octets that the relay sent.</summary>
    public long RelayOctets { get; private set; }

    /// <summary>Messages that the relay took, and whose reply the client may not have.</summary>
    public readonly int UnseenAcceptances => _unsentAcceptances + _missedAcceptances;

    /// <summary>Messages that the relay refused, and whose reply the client may not have.</summary>
    public readonly int UnseenRefusals => _unsentRefusals + _missedRefusals;

    // Verdicts that our kernel does not have yet.
    private int _unsentAcceptances;
    private int _unsentRefusals;

    // Verdicts of which it is known that the client's kernel did not take them.
    private int _missedAcceptances;
    private int _missedRefusals;

    // Verdicts that the client's kernel was given last, and of which nobody knows whether the client has read them.
    private int _toldAcceptances;
    private int _toldRefusals;

    // The small ones last: the largest first leaves no gaps in a session's memory.
    private bool _clientIsBlocked;
    private bool _relayIsBlocked;
    private bool _clientHasLeft;

    /// <summary>The leg that was read last.</summary>
    public Leg ReadFrom { get; private set; }

    /// <summary>Octets that the leg that was read last sent so far.</summary>
    public readonly long Position => ReadFrom == Leg.Client ? ClientOctets : RelayOctets;

    /// <summary>The client has had our FIN, or will: it hears nothing that is said from here on.</summary>
    public bool IsClientDeaf { get; private set; }

    /// <summary>That is so from here on.</summary>
    public void ClientHearsNoMore() => IsClientDeaf = true;

    /// <summary>A buffer was read.</summary>
    public void Read(Leg from, int octets)
    {
        ReadFrom = from;
        Count(from, octets);
    }

    /// <summary>Octets of this leg passed.</summary>
    public void Count(Leg from, long octets)
    {
        WentOn();
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
            _unsentAcceptances++;
        }
        else
        {
            _unsentRefusals++;
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
            // All replies are with the kernel.
            (_toldAcceptances, _toldRefusals) = (_toldAcceptances + _unsentAcceptances, _toldRefusals + _unsentRefusals);
            (_unsentAcceptances, _unsentRefusals) = (0, 0);
        }
    }

    /// <summary>Whether a verdict is the last that the client was told, or was told after it had left.</summary>
    public readonly bool OwesReceipt => _toldAcceptances + _toldRefusals > 0;

    /// <summary>The same of a client that has left: it may have closed the connection before the verdict came (RFC 1047).</summary>
    public readonly bool MayHaveMissedVerdict => OwesReceipt && _clientHasLeft;

    /// <summary>A stream ended. A client that closes its connection never reads what comes then, and its kernel refuses it; one that shuts
    /// down only its own direction still reads.</summary>
    public void Ended(Leg from, EndKind how)
    {
        if (from == Leg.Client && how == EndKind.Fin)
        {
            _clientHasLeft = true;
        }
        else if (from == Leg.Client && MayHaveMissedVerdict)
        {
            Receipt(given: false);
        }
    }

    /// <summary>The client was told something more, or said something: it is there, and has what came before.</summary>
    public void WentOn()
    {
        if (!_clientHasLeft)
        {
            (_toldAcceptances, _toldRefusals) = (0, 0);
        }
    }

    /// <summary>It is known whether the client's kernel took the verdicts.</summary>
    public void Receipt(bool given)
    {
        if (!given)
        {
            (_missedAcceptances, _missedRefusals) = (_missedAcceptances + _toldAcceptances, _missedRefusals + _toldRefusals);
        }

        (_toldAcceptances, _toldRefusals) = (0, 0);
    }

    /// <summary>Who is waited for: a leg that does not take octets, before whoever has the next word.</summary>
    public readonly Owner WaitsFor(Owner turn) => _relayIsBlocked ? Owner.Relay : _clientIsBlocked ? Owner.Client : turn;
}
