using System.Net;
using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>Relays that cannot be reached, and clients that are turned away by the proxy itself.</summary>
public sealed class ReachTests
{
    [Fact]
    public async Task Relay_RefusesConnections_IsSaidInJournalMetricAndLog()
    {
        // Bound and not listening: connections are refused for certain.
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{closed.LocalEndPoint}");

        Assert.Equal(("relay_refused_connection", "connection_refused"), await ConnectAsync(proxy, "dial"));
        Assert.Contains("relay_refused_connection. Nothing listens",
            (await proxy.Errors.AwaitAsync(static l => l.Contains("failed: ", StringComparison.Ordinal)))[0], StringComparison.Ordinal);
        Assert.Equal(1, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_diagnoses_total",
            ("smtpproxy_diagnosis", "relay_refused_connection"), ("smtpproxy_listener", "inbound"), ("smtpproxy_cluster", "relays")));
    }

    [Fact]
    public async Task Relay_WhoseNameDoesNotResolve_IsSaid()
    {
        await using var proxy = await ProxyProcess.StartAsync("--relay", "smtp://relay.invalid:25");

        Assert.Equal(("relay_name_unresolved", "name_unresolved"), await ConnectAsync(proxy, "dial"));
    }

    [Fact]
    public async Task Relay_ThatDoesNotAcceptInTime_IsSaid()
    {
        // Its queue of connections is full and nobody takes one out: the kernel lets further ones wait.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var waiting = Enumerable.Range(0, 4)
            .Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToArray();
        foreach (var one in waiting)
        {
            Begin(one, full.LocalEndPoint!);
        }

        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{full.LocalEndPoint}",
            "--SmtpProxy:Limits:Connect=00:00:01");

        Assert.Equal(("relay_connect_timeout", "timeout"), await ConnectAsync(proxy, "dial"));
        Array.ForEach(waiting, static one => one.Dispose());
    }

    [Fact]
    public async Task Relay_ToWhichThereIsNoWay_IsSaid()
    {
        // 255.255.255.255 is no address to connect to: the kernel says so at once.
        await using var proxy = await ProxyProcess.StartAsync("--relay", "smtp://255.255.255.255:25");

        Assert.Equal("relay_unreachable", (await ConnectAsync(proxy, "dial")).Diagnosis);
    }

    [Fact]
    public async Task Cluster_WithoutARelayThatMayBeUsed_IsSaid()
    {
        // One dial that fails takes the relay out, and this cluster does not try those that are out.
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", $"smtp://{closed.LocalEndPoint}",
            "--ReverseProxy:Clusters:relays:HealthCheck:AvailableDestinationsPolicy=HealthyAndUnknown",
            // Else it is tried again after ten seconds, in which a busy machine may not have come to the fourth session.
            "--ReverseProxy:Clusters:relays:HealthCheck:Passive:ReactivationPeriod=01:00:00");
        for (var n = 0; n < 4; n++)
        {
            (await MailClient.ConnectAsync(proxy.Listener())).Client.Dispose();
            await proxy.JournalAsync(n + 1);
        }

        Assert.Equal("no_relay_available", (await proxy.JournalAsync(4))[^1].GetProperty("diagnosis").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Client_WhoIsNotServed_IsSaid()
    {
        await using var proxy = await ProxyProcess.StartAsync("--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
            "--SmtpProxy:Listeners:inbound:Deny=127.0.0.0/8");

        Assert.Equal("client_not_served", (await ConnectAsync(proxy, "none")).Diagnosis);
    }

    [Fact]
    public async Task Client_OneTooMany_IsSaid()
    {
        await using var proxy = await ProxyProcess.StartAsync("--SmtpProxy:Limits:MaxSessions=1");
        var (first, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (first)
        {
            Assert.Equal("proxy_limit", (await ConnectAsync(proxy, "none")).Diagnosis);
        }
    }

    [Fact]
    public async Task Client_ConnectedWhileTheProxyStops_IsSaid()
    {
        await using var proxy = await ProxyProcess.StartAsync();
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            proxy.Terminate();
            Assert.StartsWith("421 ", await client.ReplyAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("proxy_stopping", (await proxy.JournalAsync(1))[0].GetProperty("diagnosis").GetProperty("code").GetString());
    }

    private static void Begin(Socket socket, EndPoint to)
    {
        try
        {
            socket.Connect(to);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Under way, which is all that is wanted.
        }
    }

    private static async Task<(string? Diagnosis, string? Evidence)> ConnectAsync(ProxyProcess proxy, string evidence)
    {
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        client.Dispose();
        var diagnosis = (await proxy.JournalAsync(1))[0].GetProperty("diagnosis");
        return (diagnosis.GetProperty("code").GetString(),
            diagnosis.GetProperty("evidence").TryGetProperty(evidence, out var value) ? value.GetString() : null);
    }
}
