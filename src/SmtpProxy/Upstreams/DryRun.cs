using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Upstreams;

/// <summary>Has YARP itself read and judge its section, as it will when it loads, so that nothing fails there that
/// could be told beforehand.</summary>
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
        foreach (var (cluster, error) in config.Clusters.SelectMany(c => Wait(validator.ValidateClusterAsync(c))
            .Select(e => (c.ClusterId, e))))
        {
            yield return $"{UpstreamsValidator.Section}:Clusters:{cluster}: {error.Message}";
        }

        foreach (var (route, error) in config.Routes.SelectMany(r => Wait(validator.ValidateRouteAsync(r)).Select(e => (r.RouteId, e))))
        {
            yield return $"{UpstreamsValidator.Section}:Routes:{route}: {error.Message}";
        }
    }

    /// <summary>Nothing in it waits for anything.</summary>
    private static IList<Exception> Wait(ValueTask<IList<Exception>> errors) => errors.AsTask().GetAwaiter().GetResult();
}
