using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Preamble;

namespace SmtpProxy.Upstreams;

/// <summary>How far a probe's dialogue goes. Each ends with QUIT.</summary>
internal enum ProbeDepth
{
    /// <summary>The relay must greet with 220.</summary>
    Greeting,

    /// <summary>And answer EHLO (LHLO where it speaks LMTP) with 250.</summary>
    Ehlo,

    /// <summary>And offer STARTTLS, shake hands, and answer EHLO again inside.</summary>
    StartTls,
}

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

/// <summary>What a probe found.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Took">How long it took, in milliseconds.</param>
/// <param name="Failure">Why the relay cannot take mail; null when it can.</param>
/// <param name="Greeting">The last line of its greeting, as it was sent.</param>
/// <param name="Capabilities">What its last EHLO reply lists.</param>
/// <param name="Tls">The version of TLS, where the probe spoke it.</param>
/// <param name="CertificateExpires">When the relay's certificate expires; also when it was not believed, which <paramref name="Failure"/> tells.</param>
public sealed record ProbeOutcome(
    DateTimeOffset At, double Took, string? Failure, string? Greeting, IReadOnlyList<string> Capabilities, string? Tls, DateTimeOffset? CertificateExpires)
{
    /// <summary>This machine could not connect at all: the relay was not asked.</summary>
    internal bool IsLocal { get; init; }

    /// <summary>EHLO was granted: <see cref="Capabilities"/> are all that it offers.</summary>
    internal bool HasOffered { get; init; }
}
