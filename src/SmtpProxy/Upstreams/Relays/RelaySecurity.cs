using System.Runtime.CompilerServices;
using SmtpProxy.Tls;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>How TLS is spoken to a relay, out of its address and the metadata.</summary>
internal static class RelaySecurity
{
    private static readonly ConditionalWeakTable<DestinationConfig, Made> Known = [];

    /// <summary>What the configuration says of a relay. Made once for each configuration of it.</summary>
    public static RelayTls Of(ClusterState cluster, DestinationState destination, RelayAddress address)
    {
        var (own, shared) = (destination.Model.Config, cluster.Model.Config);
        if (!Known.TryGetValue(own, out var made) || made.Cluster != shared)
        {
            made = new Made(shared, Make(cluster, destination, address));
            Known.AddOrUpdate(own, made);
        }

        return made.Tls;
    }

    private static RelayTls Make(ClusterState cluster, DestinationState destination, RelayAddress address)
    {
        string? Said(string key) => RelayMetadata.Of(cluster, destination, key) is { Length: > 0 } text ? text : null;

        var mode = address.IsImplicitTls
            ? RelayTlsMode.Implicit : RelayMetadata.Of(cluster, destination, RelayMetadata.Tls, RelayTlsMode.AsClient);
        // The address is the one that the name resolved to; the name is kept beside it.
        var name = Said(RelayMetadata.TlsServerName) ?? NameIn(destination.Model.Config.Host) ?? address.Host;
        var trust = RelayMetadata.Of(cluster, destination, RelayMetadata.TlsVerify, TlsVerification.Full) == TlsVerification.None
            ? RelayTrust.Anything
            : Said(RelayMetadata.TlsPins) is { } pins ? RelayTrust.Fingerprints(pins.Split(','))
            : Said(RelayMetadata.TlsCa) is { } file ? RelayTrust.Authorities(file)
            : RelayTrust.System;
        return new RelayTls(mode, name, trust, RelayMetadata.Of(cluster, destination, RelayMetadata.TlsMinimumVersion, TlsVersion.Tls12))
        {
            HelloName = RelayMetadata.NameFor(cluster, destination),
            IsLmtp = RelayMetadata.Of(cluster, destination, RelayMetadata.Protocol, RelayProtocol.Smtp) == RelayProtocol.Lmtp,
        };
    }

    private static string? NameIn(string? host) => string.IsNullOrEmpty(host) ? null : host;

    private sealed record Made(ClusterConfig Cluster, RelayTls Tls);
}
