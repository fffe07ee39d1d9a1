using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Upstreams;

/// <summary>Has YARP itself read and judge its section, as it will when it loads: with what <see cref="SmtpClusterFilter"/> adds. What
/// fails only there would leave the relays from before beside all other new settings.</summary>
internal static class DryRun
{
    /// <summary>What YARP would refuse.</summary>
    public static IEnumerable<string> Check(IConfiguration configuration)
    {
        using var services = new ServiceCollection().AddLogging().AddUpstreams(configuration).BuildServiceProvider();
        try
        {
            return Check(services).ToArray();
        }
#pragma warning disable CA1031 // Whatever YARP throws here, it would throw when it loads.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return [$"{UpstreamsValidator.Section}: {e.Message}"];
        }
    }

    private static IEnumerable<string> Check(IServiceProvider services)
    {
        var config = services.GetRequiredService<IProxyConfigProvider>().GetConfig();
        var validator = services.GetRequiredService<IConfigValidator>();
        IProxyConfigFilter[] filters = [.. services.GetServices<IProxyConfigFilter>()];
        var clusters = config.Clusters
            .Select(c => filters.Aggregate(c, static (c, f) => Wait(f.ConfigureClusterAsync(c, default)))).ToList();
        foreach (var (cluster, error) in clusters.SelectMany(c => Wait(validator.ValidateClusterAsync(c)).Select(e => (c.ClusterId, e))))
        {
            yield return $"{UpstreamsValidator.Section}:Clusters:{cluster}: {error.Message}";
        }

        var routes = config.Routes.Select(r => filters.Aggregate(r,
            (r, f) => Wait(f.ConfigureRouteAsync(r, clusters.Find(c => Names(r, c)), default))));
        foreach (var (route, error) in routes.SelectMany(r => Wait(validator.ValidateRouteAsync(r)).Select(e => (r.RouteId, e))))
        {
            yield return $"{UpstreamsValidator.Section}:Routes:{route}: {error.Message}";
        }
    }

    private static bool Names(RouteConfig route, ClusterConfig cluster) =>
        cluster.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase);

    /// <summary>Nothing in it waits for anything.</summary>
    private static T Wait<T>(ValueTask<T> done) => done.AsTask().GetAwaiter().GetResult();
}
