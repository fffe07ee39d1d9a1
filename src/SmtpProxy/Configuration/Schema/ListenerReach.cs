using System.Net;

namespace SmtpProxy.Configuration.Schema;

/// <summary>Who can reach a listener.</summary>
internal static class ListenerReach
{
    /// <summary>Whether clients on other machines can: it listens beyond loopback, or where nobody here knows (systemd), or it is handed
    /// connections of others by TPROXY or by a balancer with PROXY headers.</summary>
    public static bool IsPublic(ListenerOptions listener) =>
        listener.Transparent || listener.ProxyProtocol != ProxyProtocolUse.Off
        || (ListenAddress.TryParseAny(listener.Address, out var address, out _) && address switch
        {
            IPEndPoint ip => !IPAddress.IsLoopback(ip.Address),
            SystemdEndPoint => true,
            _ => false,
        });
}
