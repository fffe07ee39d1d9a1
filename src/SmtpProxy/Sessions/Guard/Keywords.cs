using SmtpProxy.Protocol.Hello;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Guard;

/// <summary>The keywords of EHLO that clients may not get to see.</summary>
internal static class Keywords
{
    /// <summary>RFC 3207.</summary>
    public static readonly byte[] StartTls = "STARTTLS"u8.ToArray();

    /// <summary>It promises TLS on all of the way (RFC 8689), which there is not while the client has none.</summary>
    private static readonly byte[] RequireTls = "REQUIRETLS"u8.ToArray();

    private static readonly byte[] XClient = "XCLIENT"u8.ToArray();
    private static readonly byte[] XForward = "XFORWARD"u8.ToArray();
    private static readonly byte[][] Identity = [XClient, XForward];

    /// <summary>Where TLS passes through, and the client may not speak for others.</summary>
    public static EhloRules Plain { get; } = new(Identity, [], AddsOnlyIfOffered: false);

    /// <summary>What a line offers to whom the relay trusts.</summary>
    public static TrustOffer TrustIn(ReadOnlySpan<byte> text) =>
        EhloRules.IsOf(text, XClient) ? TrustOffer.XClient : EhloRules.IsOf(text, XForward) ? TrustOffer.XForward : TrustOffer.None;

    /// <summary>Those that are hidden where TLS ends at the proxy.</summary>
    public static IReadOnlyList<byte[]> Hidden(bool hidesXClient, bool isSecured) =>
        [StartTls, .. isSecured ? [] : new[] { RequireTls }, .. hidesXClient ? Identity : []];
}
