using System.Globalization;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>Three network namespaces in a row: a client, a router on which the proxy runs, and a relay; IPv4 and IPv6. The router takes
/// what the client sends to the relay, and what the relay sends to the client, for its own.</summary>
internal sealed class RoutedNetwork : IAsyncDisposable
{
    public const string Client4 = "10.99.1.2";
    public const string Client6 = "fd99:1::2";
    public const string Router4 = "10.99.1.1";
    public const string Relay4 = "10.99.2.2";
    public const string Relay6 = "fd99:2::2";

    private static int _made;
    private readonly string _client;
    private readonly string _router;
    private readonly string _relay;

    private RoutedNetwork(string name) => (_client, _router, _relay) = (name + "c", name + "p", name + "r");

    public IReadOnlyList<string> OnClient => ["ip", "netns", "exec", _client];

    public IReadOnlyList<string> OnRouter => ["ip", "netns", "exec", _router];

    public IReadOnlyList<string> OnRelay => ["ip", "netns", "exec", _relay];

    /// <summary>Makes it; skips the test where that is not permitted.</summary>
    /// <param name="byRules">The router knows what to take by nftables' TPROXY and marks; otherwise by routes alone.</param>
    public static async Task<RoutedNetwork> MakeAsync(bool byRules)
    {
        PeerTool.RequireRoot();
        PeerTool.Require("ip");
        var network = new RoutedNetwork(string.Create(CultureInfo.InvariantCulture,
            $"smtp{Environment.ProcessId}x{Interlocked.Increment(ref _made)}"));
        var (code, output) = await Command.RunAsync("ip", ["netns", "add", network._client]);
        Skip.If(code != 0, $"network namespaces cannot be made here: {output}");
        try
        {
            await network.BuildAsync();
            await (byRules ? network.TakeByRulesAsync() : network.TakeByRoutesAsync());
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in (string[])[_client, _router, _relay])
        {
            await Command.RunAsync("ip", ["netns", "delete", name]);
        }
    }

    private Task<string> BuildAsync() => Command.SucceedAsync("sh", ["-e"], $"""
        ip netns add {_router}; ip netns add {_relay}
        for n in {_client} {_router} {_relay}; do ip -n $n link set lo up; done
        ip -n {_router} link add toc type veth peer name eth0 netns {_client}
        ip -n {_router} link add tor type veth peer name eth0 netns {_relay}
        up() {'{'} ip -n $1 address add $3 dev $2; ip -n $1 address add $4 dev $2 nodad; ip -n $1 link set $2 up; {'}'}
        up {_client} eth0 {Client4}/24 {Client6}/64
        up {_router} toc {Router4}/24 fd99:1::1/64
        up {_router} tor 10.99.2.1/24 fd99:2::1/64
        up {_relay} eth0 {Relay4}/24 {Relay6}/64
        ip -n {_client} route add default via {Router4}; ip -n {_client} -6 route add default via fd99:1::1
        ip -n {_relay} route add default via 10.99.2.1; ip -n {_relay} -6 route add default via fd99:2::1

        """);

    private Task<string> TakeByRoutesAsync() => Command.SucceedAsync("sh", ["-e"], $"""
        for f in -4 -6; do
          ip -n {_router} $f rule add iif toc lookup 100
          ip -n {_router} $f rule add iif tor lookup 101
        done
        ip -n {_router} route add local {Relay4} dev lo table 100; ip -n {_router} -6 route add local {Relay6} dev lo table 100
        ip -n {_router} route add local 0.0.0.0/0 dev lo table 101; ip -n {_router} -6 route add local ::/0 dev lo table 101

        """);

    private async Task TakeByRulesAsync()
    {
        await Command.SucceedAsync(OnRouter[0], [.. OnRouter.Skip(1), PeerTool.Require("nft"), "-f", "-"], $$"""
            table inet smtpproxy {
              chain prerouting {
                type filter hook prerouting priority mangle; policy accept;
                iifname "toc" ip daddr {{Relay4}} tcp dport 25 tproxy ip to :25 meta mark set 1 accept
                iifname "toc" ip6 daddr {{Relay6}} tcp dport 25 tproxy ip6 to [{{Relay6}}]:25 meta mark set 1 accept
                iifname "tor" meta l4proto tcp socket transparent 1 meta mark set 1 accept
              }
            }

            """);
        await Command.SucceedAsync("sh", ["-e"], $"""
            ip -n {_router} rule add fwmark 1 lookup 100; ip -n {_router} route add local 0.0.0.0/0 dev lo table 100
            ip -n {_router} -6 rule add fwmark 1 lookup 100; ip -n {_router} -6 route add local ::/0 dev lo table 100

            """);
    }
}
