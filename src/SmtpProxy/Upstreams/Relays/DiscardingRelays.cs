using System.Net;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>Which relays accept mail and discard it: those that are the embedded sink.</summary>
/// <param name="isOne">Whether what is dialled at an address is one. Asked from any thread.</param>
internal sealed class DiscardingRelays(Func<IPEndPoint, bool> isOne)
{
    /// <summary>Whether a relay is one. An address that is not known yet is none.</summary>
    public bool Contains(IPEndPoint? relay) => relay is not null && isOne(relay);
}
