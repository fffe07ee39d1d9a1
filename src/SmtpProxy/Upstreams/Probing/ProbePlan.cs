using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Preamble;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Upstreams.Probing;

/// <summary>What a probe does.</summary>
/// <param name="Address">The relay, at an IP address.</param>
/// <param name="Depth">How far to go.</param>
/// <param name="Name">What to say in EHLO.</param>
/// <param name="Header">The PROXY header that goes before anything else.</param>
/// <param name="Tls">Whom the relay must prove to be, where TLS is spoken.</param>
internal sealed record ProbePlan(RelayAddress Address, ProbeDepth Depth, string Name, ProxyVersion Header, RelayTls Tls)
{
    /// <summary>TLS from the first octet.</summary>
    public bool IsImplicitTls => Tls.Mode == RelayTlsMode.Implicit;

    /// <summary>A relay that does not offer STARTTLS is well without.</summary>
    public bool IsTlsOptional { get; init; }

    /// <summary>What is said, by the table that sessions use too.</summary>
    public PreamblePlan Preamble => new(Name)
    {
        IsLmtp = Tls.IsLmtp,
        AsksOffer = Depth != ProbeDepth.Greeting,
        WantsTls = Depth == ProbeDepth.StartTls && !IsImplicitTls,
        NeedsTls = Depth == ProbeDepth.StartTls && !IsImplicitTls && !IsTlsOptional,
    };
}
