using System.Net;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Upstreams;

/// <summary>Which relay a session goes to. Thread-safe; no member blocks or resolves names.</summary>
public interface IRelayPool
{
    /// <summary>Picks a relay of the cluster by its load-balancing policy among those that are available.</summary>
    /// <param name="cluster">The cluster's id.</param>
    /// <param name="client">The client, for policies by client address.</param>
    /// <param name="tried">Relays that this session has tried already; they are not picked again.</param>
    /// <param name="lease">The pick. Its owner disposes it when the session is over.</param>
    /// <param name="why">When there is none: the cause in plain words, for the 421 ("no relay in cluster 'relays' is available").</param>
    bool TryPick(string cluster, EndPoint client, IReadOnlyList<IRelayLease> tried, out IRelayLease? lease, out string? why);

    /// <summary>Whether a relay of the cluster is told by XCLIENT who the client is (<see cref="RelayIdentity.XClientAs"/>).</summary>
    bool Introduces(string cluster);

    /// <summary>Whether TLS may be spoken to a relay of the cluster whatever its client does.</summary>
    bool Encrypts(string cluster);

    /// <summary>How many relays the cluster has, available or not.</summary>
    int Size(string cluster);
}

/// <summary>A relay that was picked for one session. Counts as one of its sessions until disposed.</summary>
public interface IRelayLease : IDisposable
{
    /// <summary>The cluster's id.</summary>
    string Cluster { get; }

    /// <summary>The destination's configured name; the label in telemetry.</summary>
    string Destination { get; }

    /// <summary>Where to dial.</summary>
    EndPoint Address { get; }

    /// <summary>How TLS is spoken to it.</summary>
    RelayTls Tls => RelayTls.Default("");

    /// <summary>How it learns who the client is.</summary>
    RelayIdentity Identity { get; }

    /// <summary>The relay answered a client's EHLO: what it offers to whom it trusts.</summary>
    void Offers(TrustOffer offered);

    /// <summary>Reports what came of it, for passive health: connected and greeted with 2yz, or why not.</summary>
    void Report(RelayReport report);
}

/// <summary>What a session learned of a relay.</summary>
public enum RelayReport : byte
{
    /// <summary>Greeted with 2yz.</summary>
    Greeted,

    /// <summary>The connection could not be made.</summary>
    ConnectFailed,

    /// <summary>Connected, but TLS could not be established as it must be.</summary>
    TlsFailed,

    /// <summary>Connected, but closed or silent before a greeting.</summary>
    GreetingFailed,

    /// <summary>Greeted with 4yz or 5yz: it is there and speaks, though not with this client.</summary>
    GreetingRefused,

    /// <summary>It must be told who the client is, and takes that from this proxy for none.</summary>
    IntroductionFailed,

    /// <summary>It must be told who the client is, and does not take this one: it is there and speaks,
    /// though not with this client.</summary>
    IntroductionRefused,
}
