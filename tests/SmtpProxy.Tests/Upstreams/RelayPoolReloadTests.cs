using System.Net;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Tests.Upstreams;

public sealed class RelayPoolReloadTests
{
    [Fact]
    public async Task Reload_ARelayMore_TakesSessions()
    {
        await using var rig = new PoolRig(PoolRig.Relays(1, "LeastRequests"));
        using var a = rig.Pick();
        rig.Reload(("relays:Destinations:b:Address", "smtp://192.0.2.9:2525"));
        using var b = rig.Pick();
        Assert.Equal(("b", IPEndPoint.Parse("192.0.2.9:2525")), (b.Destination, b.Address));
        Assert.Equal(1, rig.View("a").Sessions);
    }

    [Fact]
    public async Task Reload_ARelayLess_LeavesItsSessionsAndSendsItNoMore()
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, "FirstAlphabetical"));
        var a = rig.Pick();
        rig.Reload(("relays:Destinations:a:Address", null));
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:25"), a.Address);
        Assert.Equal("b", rig.Pick().Destination);
        Assert.Equal(["b"], rig.Pool.Current().Select(static s => s.Destination));

        a.Report(RelayReport.ConnectFailed);
        a.Dispose();
        rig.Reload(("relays:Destinations:a:Address", "smtp://192.0.2.1"));
        Assert.Equal((0, 0L), (rig.View("a").Sessions, rig.View("a").ConnectFailures));
    }

    [Fact]
    public async Task Reload_AnotherPolicy_Applies()
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, "FirstAlphabetical"));
        Assert.Equal(["a", "a"], rig.Sessions(2, RelayReport.Greeted));
        rig.Reload(("relays:LoadBalancingPolicy", "RoundRobin"));
        Assert.Equal(["a", "b"], rig.Sessions(2, RelayReport.Greeted).Order());
    }

    [Theory]
    [InlineData("relays:Destinations:b:Address", "192.0.2.2:25",
        "ReverseProxy:Clusters:relays:Destinations:b:Address: \"192.0.2.2:25\" is not an SMTP address; write smtp://192.0.2.2:25")]
    [InlineData("ReverseProxy:Routes:r:ClusterId", "relays", "ReverseProxy:Routes:r:ClusterId: the cluster 'relays' holds SMTP relays")]
    public async Task Reload_ABadOne_KeepsTheLastGoodOne_SaysWhere_AndTheNextGoodOneApplies(string key, string value, string error)
    {
        await using var rig = new PoolRig(PoolRig.Relays(2));
        rig.Reload((key, value), ("relays:Destinations:c:Address", "smtp://192.0.2.3"));
        Assert.Equal(["a", "b"], rig.Pool.Current().Select(static s => s.Destination));
        Assert.Contains(rig.Log, line => line.Contains(error, StringComparison.Ordinal));

        rig.Reload((key, key.StartsWith("relays", StringComparison.Ordinal) ? "smtp://192.0.2.2" : null));
        Assert.Equal(["a", "b", "c"], rig.Pool.Current().Select(static s => s.Destination));
    }

    [Fact]
    public async Task Reload_ACorrectedAddress_IsUsedAtOnce_AndOldFailuresAreForgotten()
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, "FirstAlphabetical"));
        using var old = rig.Pick();
        rig.Sessions(3, RelayReport.ConnectFailed);
        Assert.False(rig.View("a").Up);

        rig.Reload(("relays:Destinations:a:Address", "smtp://192.0.2.99"));
        Assert.Equal("Unknown", rig.View("a").Health);
        rig.Report(old, RelayReport.ConnectFailed);
        Assert.Equal(["a", "a"], rig.Sessions(2, RelayReport.ConnectFailed));
        Assert.True(rig.View("a").Up);
    }
}
