using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Upstreams;

/// <summary>Holds the <c>ReverseProxy</c> section against what can run, before anything runs.</summary>
public static class UpstreamsValidator
{
    private const string Section = "ReverseProxy";

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    public static IEnumerable<string> Validate(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(Section);
        var ofListeners = configuration.GetSection("SmtpProxy:Listeners").GetChildren()
            .Select(listener => listener["Cluster"]).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return UnknownKeys(section, Section, "Clusters", "Routes")
            .Concat(section.GetSection("Clusters").GetChildren().SelectMany(cluster => Cluster(cluster, ofListeners.Contains(cluster.Key))))
            .Concat(section.GetSection("Routes").GetChildren().SelectMany(route => UnknownKeys(route, $"{Section}:Routes:{route.Key}", NamesOf<RouteConfig>())));
    }

    /// <summary>What is wrong with a relay's address in this version, and what would be right; null when nothing is.</summary>
    internal static string? AddressError(string? text, out RelayAddress? address) =>
        RelayAddress.TryRead(text, out address)
        ?? (address!.IsImplicitTls
            ? $"\"{text}\" asks for TLS towards the relay, which is not available yet; write smtp://{address.Host}:25 (STARTTLS passes through untouched)"
            : null);

    private static IEnumerable<string> Cluster(IConfigurationSection cluster, bool isOfListener)
    {
        var path = $"{Section}:Clusters:{cluster.Key}";
        foreach (var error in UnknownKeys(cluster, path, NamesOf<ClusterConfig>()))
        {
            yield return error;
        }

        var destinations = cluster.GetSection("Destinations").GetChildren().ToList();
        if (isOfListener && destinations.Count == 0)
        {
            yield return $"{path}:Destinations: the cluster has no relay; write {path}:Destinations:NAME:Address=smtp://host:25";
        }

        var isOfRelays = isOfListener || destinations.Any(d => RelayAddress.IsSmtp(d["Address"]));
        foreach (var destination in destinations)
        {
            var at = $"{path}:Destinations:{destination.Key}";
            foreach (var error in UnknownKeys(destination, at, NamesOf<DestinationConfig>()))
            {
                yield return error;
            }

            if (isOfRelays && AddressError(destination["Address"], out _) is { } wrong)
            {
                yield return $"{at}:Address: {wrong}";
            }
        }
    }

    private static string[] NamesOf<TConfig>() => [.. typeof(TConfig).GetProperties().Select(static p => p.Name), "Transforms"];

    private static IEnumerable<string> UnknownKeys(IConfigurationSection section, string path, params string[] known) => section.GetChildren()
        .Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
        .Select(child => $"{path}:{child.Key} is not a known setting; known are {string.Join(", ", known.Where(static name => name != "EqualityContract").Order())}");
}
