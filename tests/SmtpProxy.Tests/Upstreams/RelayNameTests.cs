using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Tests.Upstreams;

public sealed class RelayNameTests
{
    private static readonly Dictionary<string, string?> Mx = new()
    {
        ["relays:Destinations:mx:Address"] = "smtp://mx.example:2525",
        ["relays:LoadBalancingPolicy"] = "RoundRobin",
    };

    [Fact]
    public async Task Name_WithTwoAddresses_IsOneRelayAtTwoPlaces()
    {
        await using var rig = new PoolRig(Mx, new() { ["mx.example"] = ["192.0.2.2", "192.0.2.1"] });
        var first = rig.Pick();
        var second = rig.Pick(first);
        Assert.Equal(["192.0.2.1:2525", "192.0.2.2:2525"], new[] { first, second }.Select(static l => l.Address.ToString()).Order());
        Assert.Equal(("mx", "mx"), (first.Destination, second.Destination));
        Assert.Equal(("mx", true, 2), rig.Pool.Current().Select(static s => (s.Destination, s.Up, s.Sessions)).Single());
        Assert.All(rig.Pool.Views(), static view => Assert.Equal("mx.example", view.Host));
    }

    [Fact]
    public async Task Name_ThatDoesNotResolveAtStart_IsNamedAsTheCause_AndAskedForAgain()
    {
        await using var rig = new PoolRig(Mx);
        Assert.Equal("the name of relay 'mx' does not resolve", rig.WhyNot());
        Assert.Equal((false, "its name does not resolve"), (rig.View("mx").Up, rig.View("mx").Why));
        Assert.False(rig.Pool.Current().Single().Up);

        rig.Names["mx.example"] = ["192.0.2.1"];
        rig.Time.Advance(RelayResolver.Retry);
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:2525"), rig.Pick().Address);
        Assert.Single(rig.Log, static line => line.Contains("the name mx.example does not resolve", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Name_ThatMoves_IsFollowed()
    {
        await using var rig = new PoolRig(Mx, new() { ["mx.example"] = ["192.0.2.1"] });
        using var before = rig.Pick();
        rig.Names["mx.example"] = ["192.0.2.2"];
        rig.Time.Advance(RelayResolver.Refresh);
        Assert.Equal(IPEndPoint.Parse("192.0.2.2:2525"), rig.Pick().Address);
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:2525"), before.Address);
    }

    [Fact]
    public async Task Name_ThatDoesNotResolveAnyMore_KeepsItsAddresses_AndIsLoggedOnce()
    {
        await using var rig = new PoolRig(Mx, new() { ["mx.example"] = ["192.0.2.1"] });
        rig.Names.Clear();
        rig.Time.Advance(RelayResolver.Refresh);
        rig.Time.Advance(RelayResolver.Retry);
        rig.Time.Advance(RelayResolver.Retry);
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:2525"), rig.Pick().Address);
        Assert.Single(rig.Log, static line => line.Contains("the name mx.example does not resolve", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Name_BesideAnAddress_DoesNotKeepTheAddressFromServing()
    {
        await using var rig = new PoolRig(new Dictionary<string, string?>(Mx) { ["relays:Destinations:z:Address"] = "smtp://192.0.2.3" });
        Assert.All(rig.Sessions(4, RelayReport.Greeted), static relay => Assert.Equal("z", relay));
    }

    [Fact]
    public async Task Names_ThatNobodyAnswersFor_AreWaitedForTogether()
    {
        var time = new FakeTimeProvider();
        var asked = new List<string>();
        var resolver = new RelayResolver(
            (host, _) =>
            {
                asked.Add(host);
                return new TaskCompletionSource<IPAddress[]>().Task;
            },
            time, NullLogger<RelayResolver>.Instance);
        var resolving = resolver.ResolveDestinationsAsync(
            new Dictionary<string, DestinationConfig>
            {
                ["a"] = new() { Address = "smtp://a.example" },
                ["b"] = new() { Address = "smtp://b.example" },
                ["c"] = new() { Address = "smtp://192.0.2.3" },
                ["d"] = new() { Address = "http://d.example" },
            }, CancellationToken.None).AsTask();
        Assert.Equal(["a.example", "b.example"], asked);
        time.Advance(RelayResolver.Patience);
        var resolved = await resolving;
        Assert.Equal(
            ["smtp://a.example", "smtp://b.example", "smtp://192.0.2.3", "http://d.example"],
            resolved.Destinations.Values.Select(static d => d.Address));
    }

    [Fact]
    public async Task Addresses_Only_AreNeverAskedForAgain()
    {
        var resolver = new RelayResolver((_, _) => throw new InvalidOperationException("asked"), new FakeTimeProvider(),
            NullLogger<RelayResolver>.Instance);
        var resolved = await resolver.ResolveDestinationsAsync(
            new Dictionary<string, DestinationConfig> { ["a"] = new() { Address = "smtp://[2001:db8::1]:25" } }, CancellationToken.None);
        Assert.Null(resolved.ChangeToken);
    }
}
