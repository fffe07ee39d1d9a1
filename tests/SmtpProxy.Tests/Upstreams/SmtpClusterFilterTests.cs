using SmtpProxy.Upstreams;
using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Tests.Upstreams;

public sealed class SmtpClusterFilterTests
{
    private readonly SmtpClusterFilter _filter = new();

    [Fact]
    public async Task Cluster_OfRelays_GetsPortsAndPassiveHealth()
    {
        var cluster = await _filter.ConfigureClusterAsync(Cluster("smtp://mx"), CancellationToken.None);
        Assert.Equal("smtp://mx:25", cluster.Destinations!["a"].Address);
        Assert.Equal(new PassiveHealthCheckConfig
            { Enabled = true, Policy = "SmtpFailures", ReactivationPeriod = TimeSpan.FromSeconds(10) }, cluster.HealthCheck!.Passive);
        Assert.Equal("HealthyOrPanic", cluster.HealthCheck.AvailableDestinationsPolicy);
    }

    [Fact]
    public async Task Cluster_OfHttpDestinations_IsLeftAsItIs()
    {
        var cluster = Cluster("http://127.0.0.1:3000");
        Assert.Same(cluster, await _filter.ConfigureClusterAsync(cluster, CancellationToken.None));
        var route = new RouteConfig { RouteId = "r", ClusterId = "c" };
        Assert.Same(route, await _filter.ConfigureRouteAsync(route, cluster, CancellationToken.None));
    }

    [Fact]
    public async Task Cluster_OfBothKinds_IsRefused()
    {
        var mixed = Cluster("smtp://mx") with
            { Destinations = new Dictionary<string, DestinationConfig>
                { ["a"] = new() { Address = "smtp://mx" }, ["b"] = new() { Address = "http://mx" } } };
        var e = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await _filter.ConfigureClusterAsync(mixed, CancellationToken.None));
        Assert.StartsWith("ReverseProxy:Clusters:c:Destinations:b:Address: ", e.Message, StringComparison.Ordinal);
    }

    private static ClusterConfig Cluster(string address) =>
        new() { ClusterId = "c", Destinations = new Dictionary<string, DestinationConfig> { ["a"] = new() { Address = address } } };
}
