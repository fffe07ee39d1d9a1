using System.Net;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions;

/// <summary>A pool that hands out its relays in order and remembers what became of them.</summary>
internal sealed class FakeRelays(int count) : IRelayPool
{
    private int _leases;

    /// <summary>What was reported, as <c>relay:report</c>.</summary>
    public List<string> Reports { get; } = [];

    /// <summary>What sessions saw offered, as <c>relay:offer</c>.</summary>
    public List<string> Offered { get; } = [];

    /// <summary>How each learns who the client is.</summary>
    public RelayIdentity Identity { get; set; } = RelayIdentity.None;

    /// <summary>How TLS is spoken to each.</summary>
    public RelayTls Tls { get; set; } = RelayTls.Default("relay.example");

    /// <summary>Where each is, by its name.</summary>
    public Func<string, EndPoint> At { get; set; } = static _ => new IPEndPoint(IPAddress.Parse("192.0.2.25"), 25);

    /// <summary>Why there is none, where it says so.</summary>
    public string? Why { get; set; } = "no relay in cluster 'relays' is available";

    /// <summary>Leases that were not disposed.</summary>
    public int Open => _leases;

    public bool Introduces(string cluster) => Identity.XClientAs is not null;

    public bool Encrypts(string cluster) => Tls.Mode is not (RelayTlsMode.AsClient or RelayTlsMode.None);

    public int Size(string cluster) => count;

    public bool TryPick(string cluster, EndPoint client, IReadOnlyList<IRelayLease> tried, out IRelayLease? lease, out string? why)
    {
        var next = Enumerable.Range(0, count).Select(n => $"relay-{n}").FirstOrDefault(name => tried.All(t => t.Destination != name));
        lease = next is null ? null : new Lease(this, cluster, next);
        why = next is null ? Why : null;
        _leases += next is null ? 0 : 1;
        return next is not null;
    }

    private sealed class Lease(FakeRelays pool, string cluster, string name) : IRelayLease
    {
        private bool _disposed;

        public string Cluster => cluster;

        public string Destination => name;

        public EndPoint Address { get; } = pool.At(name);

        public RelayIdentity Identity => pool.Identity;

        public RelayTls Tls => pool.Tls;

        public void Offers(TrustOffer offered) => pool.Offered.Add($"{name}:{offered}");

        public void Report(RelayReport report) => pool.Reports.Add($"{name}:{report}");

        public void Dispose()
        {
            Assert.False(_disposed, "a lease is disposed once");
            _disposed = true;
            pool._leases--;
        }
    }
}
