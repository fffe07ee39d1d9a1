using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Upstreams;

/// <summary>What HTTP routes on the admin port must be: each leads to a cluster that there is and that speaks HTTP.</summary>
internal sealed class RouteRules(IConfigurationSection section, Func<string, IReadOnlyCollection<string>, string> hint)
{
    /// <summary>What is wrong with a route onto relays.</summary>
    public static string OntoRelays(string cluster) =>
        $"the cluster '{cluster}' holds SMTP relays; an HTTP route needs a cluster of http:// destinations";

    /// <summary>What is wrong.</summary>
    public IEnumerable<string> Check()
    {
        var clusters = section.GetSection("Clusters").GetChildren().ToList();
        foreach (var route in section.GetSection("Routes").GetChildren())
        {
            var at = $"{route.Path}:{nameof(RouteConfig.ClusterId)}";
            if (route[nameof(RouteConfig.ClusterId)] is not { Length: > 0 } id)
            {
                yield return $"{at}: missing; name the cluster that its requests go to";
            }
            else if (clusters.Find(c => c.Key.Equals(id, StringComparison.OrdinalIgnoreCase)) is not { } cluster)
            {
                yield return $"{at}: there is no cluster '{id}' in {section.Path}:Clusters; " +
                    $"{hint(id, [.. clusters.Select(static c => c.Key)])}";
            }
            else if (cluster.GetSection("Destinations").GetChildren().Any(static d => RelayAddress.IsSmtp(d["Address"])))
            {
                yield return $"{at}: {OntoRelays(id)}";
            }
        }
    }
}
