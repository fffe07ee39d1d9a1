using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>
/// One stop between a client and its relay. What passes in either direction passes each stop once, in order: requests and octets of the
/// client go from the session (the client's end) towards the relay, octets and news of the relay come the other way. A filter forwards,
/// holds, replaces or answers what passes by calling its neighbours, or by not calling them. What it does not override passes unchanged.
/// </summary>
internal abstract class SessionFilter
{
    /// <summary>The neighbour that is nearer to the client.</summary>
    protected SessionFilter Inward { get; private set; } = null!;

    /// <summary>The neighbour that is nearer to the relay.</summary>
    protected SessionFilter Outward { get; private set; } = null!;

    /// <summary>The one that stands nearer to the client; null: none does.</summary>
    public SessionFilter? Next => Inward;

    /// <summary>Puts a filter between this one and the client; null: there is none to be put.</summary>
    /// <returns>The one that is nearest to the client now.</returns>
    public SessionFilter Follow(SessionFilter? inward)
    {
        if (inward is null)
        {
            return this;
        }

        (Inward, inward.Outward) = (inward, this);
        return inward;
    }

    // From the client towards the relay.

    /// <summary>A relay is to be connected; <see cref="Dialled"/> follows, never inside this call.</summary>
    public virtual void Dial(in RelayTarget target) => Outward.Dial(target);

    /// <summary>Octets for the relay.</summary>
    public virtual void FromClient(ReadOnlySpan<byte> octets) => Outward.FromClient(octets);

    /// <summary>Octets that this filter and those after it have not got rid of. While there are some the client is not read.</summary>
    public virtual int Unsent => Outward.Unsent;

    /// <summary>No octet of the client waits in this filter, or in those after it, to be understood.</summary>
    public virtual bool IsClear => Outward.IsClear;

    /// <summary>FIN to the relay, after everything before it.</summary>
    public virtual void ShutRelay() => Outward.ShutRelay();

    /// <summary>RST to the relay now. No <see cref="RelayEnded"/> follows; a dial under way is given up.</summary>
    public virtual void ResetRelay() => Outward.ResetRelay();

    /// <summary>The next octets of a leg need not be looked at; the transport may move them. A filter that has to see
    /// them does not pass this on.</summary>
    public virtual void Splice(Leg from, long octets) => Outward.Splice(from, octets);

    // From the relay towards the client.

    /// <summary>What came of <see cref="Dial"/>.</summary>
    public virtual void Dialled(in DialNote dial) => Inward.Dialled(dial);

    /// <summary>Octets for the client.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="origin">Whose words they are.</param>
    public virtual void FromRelay(ReadOnlySpan<byte> octets, Origin origin) => Inward.FromRelay(octets, origin);

    /// <summary>The relay says no more.</summary>
    public virtual void RelayEnded(EndKind how) => Inward.RelayEnded(how);

    /// <summary>Somebody asks something of the session.</summary>
    public virtual void Signalled(SessionSignal signal) => Inward.Signalled(signal);

    // Events without a direction; the pipeline tells each filter.

    /// <summary>The session begins.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>These octets go to the client's kernel, whoever said them.</summary>
    public virtual void ClientTold(ReadOnlySpan<byte> octets)
    {
    }

    /// <summary>Octets of a leg passed without being shown.</summary>
    public virtual void Spliced(Leg from, long octets)
    {
    }

    /// <summary>A TLS handshake of a leg is over.</summary>
    /// <returns>It was this filter's, and no other need hear of it.</returns>
    public virtual bool Secured(in TlsHandshake handshake) => false;

    /// <summary>All that was unsent to a leg is with its kernel.</summary>
    public virtual void Drained(Leg to)
    {
    }

    /// <summary>A timer ran out.</summary>
    /// <returns>It was this filter's, and no other need hear of it.</returns>
    public virtual bool TimedOut(PairTimer timer) => false;

    /// <summary>The session is over: what is kept is given back.</summary>
    public virtual void Over()
    {
    }

    /// <summary>After each event: goes on with what waits, as far as it can.</summary>
    public virtual void Settle()
    {
    }
}
