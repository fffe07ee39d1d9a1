using System.Net;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Upstreams.Preamble;

/// <summary>What is to be agreed with a relay before anybody else talks to it.</summary>
/// <param name="HelloName">What the proxy calls itself in EHLO.</param>
internal sealed record PreamblePlan(string HelloName)
{
    /// <summary>The relay speaks LMTP: LHLO takes the place of EHLO (RFC 2033 4.1).</summary>
    public bool IsLmtp { get; init; }

    /// <summary>The relay is asked what it offers, for the sake of the answer: in the clear, and again inside TLS.</summary>
    public bool AsksOffer { get; init; }

    /// <summary>STARTTLS is asked for (RFC 3207).</summary>
    public bool WantsTls { get; init; }

    /// <summary>Without TLS there is nothing more to say.</summary>
    public bool NeedsTls { get; init; }

    /// <summary>The relay is told who the client is by XCLIENT, and must take it.</summary>
    public bool Introduces { get; init; }

    /// <summary>Who the client is.</summary>
    public EndPoint? Client { get; init; }

    /// <summary>Where the client connected.</summary>
    public EndPoint? Local { get; init; }

    /// <summary>Something is required of the relay: where it is in doubt, the relay is no good.</summary>
    public bool IsStrict => NeedsTls || Introduces || AsksOffer;

    /// <summary>What a session has to agree with a relay.</summary>
    /// <param name="target">The relay.</param>
    /// <param name="encrypts">Whether TLS can be spoken.</param>
    /// <param name="client">Who the client is.</param>
    /// <param name="local">Where it connected.</param>
    /// <returns>Null: nothing.</returns>
    public static PreamblePlan? For(in RelayTarget target, bool encrypts, EndPoint client, EndPoint local)
    {
        var mode = encrypts ? target.Tls?.Mode ?? RelayTlsMode.None : RelayTlsMode.None;
        var plan = new PreamblePlan(target.IntroduceAs ?? target.Tls?.HelloName ?? "")
        {
            IsLmtp = target.Tls?.IsLmtp == true,
            WantsTls = mode is RelayTlsMode.Opportunistic or RelayTlsMode.Required,
            NeedsTls = mode == RelayTlsMode.Required,
            Introduces = target.IntroduceAs is not null,
            Client = client,
            Local = local,
        };
        return plan.WantsTls || plan.Introduces ? plan : null;
    }
}
