using System.Net;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>The limits for each client, with their lists read.</summary>
internal sealed class ClientRules
{
    private readonly Networks _exempt;

    public ClientRules(SessionLimits limits)
    {
        Limits = limits;
        _ = Networks.TryParse(limits.ClientLimitExempt, out _exempt);
    }

    /// <summary>As they were configured.</summary>
    public SessionLimits Limits { get; }

    /// <summary>Whether the limits for each client leave this one alone. Who comes by a Unix-domain socket has no
    /// address to be counted by.</summary>
    public bool Spares(IPAddress? address) => address is null || _exempt.Contains(address);
}
