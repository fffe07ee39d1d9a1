using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Upstreams;

/// <summary>What one relay of a configuration answered when it was asked (<see cref="RelayInquiry"/>).</summary>
/// <param name="Cluster">The cluster's id.</param>
/// <param name="Destination">The configured name.</param>
/// <param name="Address">Where it was dialled.</param>
/// <param name="Host">The configured host name, where it was one.</param>
/// <param name="Outcome">What it said; null: it is the embedded sink, which runs with the proxy only.</param>
internal sealed record RelayAnswer(string Cluster, string Destination, string Address, string? Host, ProbeOutcome? Outcome)
{
    /// <summary>What it offers to this host.</summary>
    public TrustOffer Trust => Outcome is null ? TrustOffer.None : TrustOffers.In(Outcome.Capabilities);

    /// <summary>It is told who its clients are, by whichever way.</summary>
    public bool IsToldClients { get; init; }

    /// <summary>It is sent a PROXY header before anything else.</summary>
    public bool IsSentHeader { get; init; }

    /// <summary>It must be told by XCLIENT.</summary>
    public bool NeedsXClient { get; init; }

    /// <summary>It answers as it must for sessions.</summary>
    public bool Serves => Outcome is not { Failure: not null };

    /// <summary>It takes this host's word for who a client is, and gets everybody's mail from it.</summary>
    public bool TrustsHost => Trust != TrustOffer.None && !IsToldClients;

    /// <summary>It must be told by XCLIENT, and does not let this host.</summary>
    public bool LacksXClient => NeedsXClient && Outcome is { HasOffered: true } && !Trust.HasFlag(TrustOffer.XClient);
}
