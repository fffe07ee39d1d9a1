using SmtpProxy.Tls;

namespace SmtpProxy.Configuration.Schema;

/// <summary>What a listener does about PROXY headers.</summary>
public enum ProxyProtocolUse
{
    /// <summary>There are none.</summary>
    Off,

    /// <summary>Who may send one is waited for, for a short while; who sends none is the client.</summary>
    Optional,

    /// <summary>Who sends none, or may not, is closed.</summary>
    Required,
}

/// <summary>A listener (<c>SmtpProxy:Listeners:NAME</c>). Read at start.</summary>
public sealed record ListenerOptions
{
    /// <summary>Where it listens: <c>ADDRESS:PORT</c>, <c>unix:/path</c> or <c>systemd:NAME</c>; see
    /// <see cref="ListenAddress"/> for the forms.</summary>
    public string Address { get; set; } = "";

    /// <summary>The cluster that its sessions go to: a key of <c>ReverseProxy:Clusters</c>.</summary>
    public string Cluster { get; set; } = "";

    /// <summary>Connections that wait to be accepted (4,096). The system may have a lower cap of its own.</summary>
    public int Backlog { get; set; } = 4_096;

    /// <summary>Lets other processes with the same option share the address (<c>SO_REUSEPORT</c>): two proxies during
    /// an upgrade. Linux only.</summary>
    public bool ReusePort { get; set; }

    /// <summary>Permissions of the file of a Unix-domain socket, octal, such as <c>0660</c>. Empty: what the umask leaves.</summary>
    public string SocketMode { get; set; } = "";

    /// <summary>Whether clients are announced by a PROXY header.</summary>
    public ProxyProtocolUse ProxyProtocol { get; set; }

    /// <summary>Networks that may send a PROXY header, separated by commas: those of the load balancers.</summary>
    public string ProxyProtocolFrom { get; set; } = "";

    /// <summary>How long a PROXY header may take (5 seconds).</summary>
    public TimeSpan ProxyProtocolTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Takes connections that a TPROXY rule sends here (<c>IP_TRANSPARENT</c>). Linux, CAP_NET_ADMIN.</summary>
    public bool Transparent { get; set; }

    /// <summary>Networks whose clients are served, separated by commas; empty: all. Live.</summary>
    public string Allow { get; set; } = "";

    /// <summary>Networks whose clients are not, whatever <see cref="Allow"/> says. Live.</summary>
    public string Deny { get; set; } = "";

    /// <summary>Networks whose clients may say XCLIENT and XFORWARD to the relay, separated by commas; empty: nobody. The client is who it
    /// is after a PROXY header. Live.</summary>
    public string XClientFrom { get; set; } = "";

    /// <summary>Sessions at once on this listener, beside the limits of the process. 0 = no cap of its own. Live.</summary>
    public int MaxSessions { get; set; }

    /// <summary>Sessions at once per client address on this listener. 0 = no cap of its own. Live.</summary>
    public int MaxSessionsPerClient { get; set; }

    /// <summary>What it does about TLS.</summary>
    public ListenerTls Tls { get; set; } = new();
}
