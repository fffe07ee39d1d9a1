namespace SmtpProxy.Configuration;

/// <summary>A listener (<c>SmtpProxy:Listeners:NAME</c>). Read at start.</summary>
public sealed record ListenerOptions
{
    /// <summary>Where it listens, <c>ADDRESS:PORT</c>; see <see cref="ListenAddress"/> for the forms.</summary>
    public string Address { get; init; } = "";

    /// <summary>The cluster that its sessions go to: a key of <c>ReverseProxy:Clusters</c>.</summary>
    public string Cluster { get; init; } = "";

    /// <summary>Connections that wait to be accepted (4,096). The system may have a lower cap of its own.</summary>
    public int Backlog { get; init; } = 4_096;
}
