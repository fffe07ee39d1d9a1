using System.Net;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Whom a listener serves, and how many at once.</summary>
/// <param name="Allow">Networks whose clients are served; empty: all.</param>
/// <param name="Deny">Networks whose clients are not, whatever <paramref name="Allow"/> says.</param>
/// <param name="MaxSessions">Sessions at once; 0 = no cap of its own.</param>
/// <param name="MaxSessionsPerClient">Sessions at once per client address; 0 = no cap of its own.</param>
public sealed record ListenerPolicy(Networks Allow, Networks Deny, int MaxSessions, int MaxSessionsPerClient)
{
    /// <summary>Networks whose clients may say XCLIENT and XFORWARD to the relay.</summary>
    public Networks XClientFrom { get; init; } = Networks.None;

    /// <summary>Everybody, without a cap.</summary>
    public static readonly ListenerPolicy Open = new(Networks.None, Networks.None, 0, 0);

    /// <summary>Whether a client is served. Who comes by a Unix-domain socket has no address: the file's
    /// permissions have let it in.</summary>
    public bool Serves(EndPoint client) =>
        client is not IPEndPoint { Address: var address } || (!Deny.Contains(address) && (Allow.IsEmpty || Allow.Contains(address)));
}
