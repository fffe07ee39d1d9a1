namespace SmtpProxy.Upstreams.Relays;

/// <summary>What a relay offers to those whose word it takes for who a client is: in Postfix's terms, to authorized hosts.</summary>
[Flags]
public enum TrustOffer : byte
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>XCLIENT (postfix.org/XCLIENT_README.html).</summary>
    XClient = 1,

    /// <summary>XFORWARD (postfix.org/XFORWARD_README.html).</summary>
    XForward = 2,
}

/// <summary>Finds it in replies to EHLO.</summary>
internal static class TrustOffers
{
    /// <summary>What the lines of a reply to EHLO offer of it.</summary>
    /// <param name="capabilities">The lines after the first, without code.</param>
    public static TrustOffer In(IEnumerable<string> capabilities) =>
        capabilities.Aggregate(TrustOffer.None, static (all, line) => all | Of(line));

    /// <summary>As the keywords are written.</summary>
    public static string Names(this TrustOffer offer) => offer switch
    {
        TrustOffer.XClient => "XCLIENT",
        TrustOffer.XForward => "XFORWARD",
        TrustOffer.None => "nothing",
        _ => "XCLIENT and XFORWARD",
    };

    private static TrustOffer Of(string line) => line.TrimStart().Split(' ')[0].ToUpperInvariant() switch
    {
        "XCLIENT" => TrustOffer.XClient,
        "XFORWARD" => TrustOffer.XForward,
        _ => TrustOffer.None,
    };
}
