using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SmtpProxy.Upstreams;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Tests.Upstreams;

public sealed class RelayPoolTests
{
    [Theory]
    [InlineData("RoundRobin")]
    [InlineData("LeastRequests")]
    [InlineData("PowerOfTwoChoices")]
    [InlineData(null)]
    public async Task Policy_ThatSpreads_GivesTwoRelaysHalfOfTheSessionsEach(string? policy)
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, policy));
        var leases = Enumerable.Range(0, 20).Select(_ => rig.Pick()).ToList();
        Assert.Equal(10, rig.View("a").Sessions);
        Assert.Equal(10, rig.View("b").Sessions);
        leases.ForEach(static lease => lease.Dispose());
        Assert.Equal(0, rig.View("a").Sessions + rig.View("b").Sessions);
    }

    [Theory]
    [InlineData("LeastRequests")]
    [InlineData("PowerOfTwoChoices")]
    public async Task Policy_BySessions_PicksTheRelayThatOneWasReturnedTo(string policy)
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, policy));
        var leases = Enumerable.Range(0, 6).Select(_ => rig.Pick()).ToList();
        leases.First(static lease => lease.Destination == "b").Dispose();
        Assert.Equal("b", rig.Pick().Destination);
    }

    [Fact]
    public async Task Policy_FirstAlphabetical_IsPrimaryAndBackup()
    {
        await using var rig = new PoolRig(PoolRig.Relays(3, "FirstAlphabetical"));
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal("a", rig.Pick().Destination));
    }

    [Fact]
    public async Task Policy_Random_PicksAnyRelay()
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, "Random"));
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Contains(rig.Pick().Destination, new[] { "a", "b" }));
    }

    [Fact]
    public async Task Policy_OfAnyKind_SeesTheClientsAddress()
    {
        var policy = new ByClient();
        await using var rig = new PoolRig(PoolRig.Relays(2, policy.Name), services: s => s.AddSingleton<ILoadBalancingPolicy>(policy));
        Assert.Equal("b", rig.Pick().Destination);
        Assert.Equal(IPAddress.Parse("192.0.2.7"), policy.Client);
    }

    [Fact]
    public async Task Policy_ClientAddress_KeepsAClientAtItsRelay_AndSpreadsClients()
    {
        await using var rig = new PoolRig(PoolRig.Relays(4, "ClientAddress"));
        var homes = Clients().ToDictionary(static c => c, c => rig.PickFor(c));
        Assert.All(homes, home => Assert.Equal(home.Value, rig.PickFor(home.Key)));
        Assert.All(homes.Values.CountBy(static relay => relay), static relay => Assert.InRange(relay.Value, 150, 350));
    }

    [Fact]
    public async Task Policy_ClientAddress_WhenARelayGoes_MovesItsClientsOnly()
    {
        await using var rig = new PoolRig(PoolRig.Relays(4, "ClientAddress"));
        var before = Clients().ToDictionary(static c => c, c => rig.PickFor(c));
        rig.Reload(("relays:Destinations:b:Address", null));
        Assert.All(before, home => Assert.Equal(home.Value != "b", home.Value == rig.PickFor(home.Key)));
        rig.Reload(("relays:Destinations:b:Address", "smtp://192.0.2.2"));
        Assert.All(before, home => Assert.Equal(home.Value, rig.PickFor(home.Key)));
    }

    [Fact]
    public async Task Policy_ClientAddress_TellsNoPortsAndNoClothesApart()
    {
        await using var rig = new PoolRig(PoolRig.Relays(4, "ClientAddress"));
        Assert.All(Clients(), client => Assert.Equal(rig.PickFor(client), rig.PickFor(new IPEndPoint(client.Address.MapToIPv6(), 9))));
    }

    [Fact]
    public async Task Backup_HasSessionsOnlyWhenNoPrimaryIsLeft()
    {
        var settings = PoolRig.Relays(3, "RoundRobin");
        settings["relays:Destinations:a:Metadata:Smtp.Backup"] = "true";
        await using var rig = new PoolRig(settings);
        Assert.Equal(["b", "c"], rig.Sessions(6, RelayReport.Greeted).Distinct().Order());
        Assert.True(rig.View("a") is { Backup: true, Up: true });

        // Both primaries fail three times.
        rig.Sessions(6, RelayReport.ConnectFailed);
        Assert.All(rig.Sessions(3, RelayReport.Greeted), static relay => Assert.Equal("a", relay));
        var (a, other) = (rig.Pick(), (IRelayLease?)null);
        other = rig.Pick(a);
        Assert.Contains(other.Destination, new[] { "b", "c" });
    }

    [Fact]
    public async Task Views_ShowARemovedRelayAsLongAsItHasSessions()
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, "FirstAlphabetical"));
        using (rig.Pick())
        {
            rig.Reload(("relays:Destinations:a:Address", null));
            Assert.Equal(("draining", false, 1), (rig.View("a").State, rig.View("a").Up, rig.View("a").Sessions));
        }

        Assert.Equal(["b"], rig.Pool.Views().Select(static v => v.Destination));
    }

    private static IEnumerable<IPEndPoint> Clients() =>
        Enumerable.Range(0, 1000).Select(static n => new IPEndPoint(new IPAddress([10, 0, (byte)(n >> 8), (byte)n]), 1000 + n));

    [Fact]
    public async Task TryPick_AfterOthersWereTried_PicksEachRelayOnceAndThenSaysWhyNone()
    {
        await using var rig = new PoolRig(PoolRig.Relays(3, "FirstAlphabetical"));
        var (a, b, c) = (rig.Pick(), (IRelayLease?)null, (IRelayLease?)null);
        b = rig.Pick(a);
        c = rig.Pick(a, b);
        Assert.Equal("a b c", $"{a.Destination} {b.Destination} {c.Destination}");
        Assert.Equal("no relay in cluster 'relays' is available", rig.WhyNot("relays", a, b, c));
    }

    [Fact]
    public async Task TryPick_OfAClusterThatIsNotThere_SaysSo()
    {
        await using var rig = new PoolRig(PoolRig.Relays(1));
        Assert.Equal("there is no cluster 'relay'", rig.WhyNot("relay"));
    }

    [Fact]
    public async Task Lease_OfARelay_SaysWhereToDialAndWhatItIsCalled()
    {
        await using var rig = new PoolRig(new Dictionary<string, string?>
        {
            ["relays:Destinations:mx:Address"] = "smtp://[2001:db8::25]:2525",
        });
        using var lease = rig.Pick();
        Assert.Equal("relays/mx", $"{lease.Cluster}/{lease.Destination}");
        Assert.Equal(IPEndPoint.Parse("[2001:db8::25]:2525"), lease.Address);
    }

    [Fact]
    public async Task Lease_DisposedTwice_IsReturnedOnce()
    {
        await using var rig = new PoolRig(PoolRig.Relays(1));
        using var other = rig.Pick();
        var lease = rig.Pick();
        lease.Dispose();
        lease.Dispose();
        Assert.Equal(1, rig.View("a").Sessions);
    }

    [Fact]
    public async Task Leases_OfManyThreads_AreCountedExactly()
    {
        await using var rig = new PoolRig(PoolRig.Relays(2, "LeastRequests"));
        using var kept = rig.Pick();
        Parallel.For(0, 8, _ =>
        {
            for (var n = 0; n < 2000; n++)
            {
                rig.Pick().Dispose();
            }
        });
        Assert.Equal(1, rig.View("a").Sessions + rig.View("b").Sessions);
    }

    [Fact]
    public async Task Current_ShowsEveryRelayAndNoHttpDestination()
    {
        var settings = PoolRig.Relays(2, "FirstAlphabetical");
        settings["pages:Destinations:grafana:Address"] = "http://127.0.0.1:3000";
        await using var rig = new PoolRig(settings);
        using var lease = rig.Pick();
        Assert.Equal([("relays", "a", true, 1), ("relays", "b", true, 0)],
            rig.Pool.Current().Select(static s => (s.Cluster, s.Destination, s.Up, s.Sessions)));
    }

    private sealed class ByClient : ILoadBalancingPolicy
    {
        public string Name => "ByClient";

        public IPAddress? Client { get; private set; }

        public DestinationState PickDestination(HttpContext context, ClusterState cluster,
            IReadOnlyList<DestinationState> availableDestinations)
        {
            Client = context.Connection.RemoteIpAddress;
            return availableDestinations.MaxBy(static d => d.DestinationId)!;
        }
    }
}
