using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Hears what a relay offers to whom it trusts.</summary>
internal interface ITrustWitness
{
    /// <summary>The relay answered EHLO, and offers this.</summary>
    void Offers(TrustOffer offered);
}
