using SmtpProxy.Tls;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>What the TLS of a cluster's relays must be: without contradiction, and possible with the listeners that lead there.</summary>
/// <param name="listeners">All listeners.</param>
internal sealed class RelayTlsRules(IReadOnlyList<IConfigurationSection> listeners)
{
    /// <summary>What is wrong.</summary>
    /// <param name="cluster">A cluster of relays.</param>
    /// <param name="owner">The cluster itself, or one of its destinations.</param>
    public IEnumerable<string> Check(IConfigurationSection cluster, IConfigurationSection owner)
    {
        var metadata = owner.GetSection("Metadata");
        if (metadata[RelayMetadata.TlsPins] is not null && metadata[RelayMetadata.TlsCa] is not null)
        {
            yield return $"{metadata.Path}:{RelayMetadata.TlsPins}: stands beside {RelayMetadata.TlsCa}, and a pinned certificate needs " +
                $"no authority; remove one of them";
        }

        if (Is(metadata[RelayMetadata.TlsVerify], TlsVerification.None)
            && new[] { RelayMetadata.TlsPins, RelayMetadata.TlsCa }.FirstOrDefault(key => metadata[key] is not null) is { } idle)
        {
            yield return $"{metadata.Path}:{RelayMetadata.TlsVerify}: \"None\" looks at no certificate, and {idle} says which are good " +
                $"ones; remove one of them";
        }

        if (Enum.TryParse<RelayTlsMode>(metadata[RelayMetadata.Tls], ignoreCase: true, out var mode) && NeedsTermination(mode)
            && listeners.FirstOrDefault(l => cluster.Key.Equals(l["Cluster"], StringComparison.OrdinalIgnoreCase) && IsPassthrough(l)) is
                { } listener)
        {
            yield return $"{metadata.Path}:{RelayMetadata.Tls}: \"{mode}\" cannot be, as {listener.Path} passes TLS through untouched; "
                + $"write {listener.Path}:Tls:Mode=StartTls or Implicit (with a certificate), or None (clients are offered no TLS), or " +
                    $"remove it";
        }
    }

    /// <summary>Where STARTTLS is the client's and the relay's own matter, the proxy can neither say it nor keep them from it.</summary>
    private static bool NeedsTermination(RelayTlsMode mode) =>
        mode is RelayTlsMode.None or RelayTlsMode.Opportunistic or RelayTlsMode.Required;

    private static bool IsPassthrough(IConfigurationSection listener) =>
        listener["Tls:Mode"] is not { } mode || Is(mode, ListenerTlsMode.Passthrough);

    private static bool Is<TEnum>(string? text, TEnum value)
        where TEnum : struct, Enum => Enum.TryParse<TEnum>(text, ignoreCase: true, out var said) && said.Equals(value);
}
