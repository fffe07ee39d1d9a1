using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;
using SmtpProxy.FunctionalTests.Upstreams;

namespace SmtpProxy.FunctionalTests.Listening;

/// <summary>The proxy where the system lets it open few files.</summary>
[Collection(nameof(Crowded))]
public sealed class DescriptorTests
{
    private const int Tries = 5;
    private const string Pauses = "pauses for 100 ms at a time";
    private const string TurnedAway = "421 4.3.2 Too many sessions, please try again later\r\n";

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [InlineData("epoll", 512)]
    [InlineData("portable", 512)]
    [InlineData("epoll", 1024)]
    [InlineData("portable", 1024)]
    public async Task Crowd_OfTwiceTheOpenFiles_IsTurnedAway_AndEverythingElseGoesOn(string transport, int files)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit -n");
        await using var relay = new PoolRelay("mx");
        await using var proxy = await ProxyProcess.StartByAsync(With(files), "--relay", relay.Address, $"--SmtpProxy:Transport={transport}",
            "--ReverseProxy:Clusters:relays:HealthCheck:Active:Enabled=true",
            "--ReverseProxy:Clusters:relays:HealthCheck:Active:Interval=00:00:00.2");
        Assert.Contains(proxy.Errors.SoFar, line => line.Contains($"{files} open files are enough for", StringComparison.Ordinal));

        using var honest = await Connect(proxy);
        await honest.Hears("220 mx ready\r\n");
        var crowd = new List<Peer>();
        var heard = new List<string>();
        for (var n = 0; n < 2 * files; n++)
        {
            crowd.Add(await Connect(proxy));
            heard.Add(await Line(crowd[^1]));
        }

        Assert.Equal(["220 mx ready\r\n", TurnedAway], heard.Distinct());
        await honest.Says("NOOP\r\n");
        Assert.StartsWith("250", await Line(honest), StringComparison.Ordinal);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(heard.Count(static line => line == TurnedAway),
            metrics.Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "descriptors")));
        await Well(proxy);
        using (var http = new HttpClient { BaseAddress = proxy.Admin })
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode);
        }

        // Those that were turned away have a FIN behind their line, those inside leave: then there is room again.
        crowd.ForEach(static peer => peer.Dispose());
        await Eventually.Async(async () =>
        {
            using var another = await Connect(proxy);
            return await Line(another) == "220 mx ready\r\n";
        }, "there is no room again");
        await honest.Says("NOOP\r\n");
        Assert.StartsWith("250", await Line(honest), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Connection_WithoutAFreeFile_WaitsOrIsAnswered_AndNoRelayIsBlamed(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "prlimit");
        var tries = 1;
        while (!await WithoutAFreeFileAsync(transport) && tries++ < Tries)
        {
        }

        Assert.InRange(tries, 1, Tries);
    }

    /// <summary>False: the runtime ended the process, as it does where it wants a file at that very moment: an assembly that it has not
    /// read yet, or /proc/meminfo for a collection. That is why the proxy never lets it come to that by itself.</summary>
    private static async Task<bool> WithoutAFreeFileAsync(string transport)
    {
        await using var relay = new PoolRelay("mx");
        // A collection reads /proc to learn how much memory there is; where it cannot, it takes it for none, and the process ends: let
        // there be none. The server's collector sizes its youngest generation by itself, whatever is asked of it.
        var withoutCollections = new Dictionary<string, string> { ["DOTNET_gcServer"] = "0", ["DOTNET_GCgen0size"] = "0x20000000" };
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, withoutCollections, "--relay", relay.Address,
            $"--SmtpProxy:Transport={transport}",
            "--ReverseProxy:Clusters:relays:HealthCheck:Active:Enabled=true",
            "--ReverseProxy:Clusters:relays:HealthCheck:Active:Interval=00:00:00.2",
            "--ReverseProxy:Clusters:relays:Metadata:ConsecutiveFailuresHealthPolicy.Threshold=1",
            "--ReverseProxy:Clusters:relays:Metadata:SmtpFailures.Threshold=1");
        using var honest = await Connect(proxy);
        await honest.Hears("220 mx ready\r\n");
        var limit = new FileLimit(proxy);
        limit.LeaveNone();
        var (waiting, answer, began) = (new List<Peer>(), "", TimeProvider.System.GetTimestamp());
        try
        {
            for (var n = 0; n < 20; n++)
            {
                waiting.Add(await Connect(proxy));
            }

            await proxy.Errors.AwaitAsync(static line => line.Contains(Pauses, StringComparison.Ordinal));
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains("was not probed, for a reason of this machine", StringComparison.Ordinal));
            await honest.Says("NOOP\r\n");
            answer = await Line(honest);
        }
        catch (Exception e) when (e is InvalidOperationException or SocketException)
        {
            // Judged below, by what the process said.
        }

        if (answer.Length == 0)
        {
            await proxy.ExitAsync();
            Assert.Contains("Out of memory.", proxy.Errors.Text, StringComparison.Ordinal);
            return false;
        }

        Assert.StartsWith("250", answer, StringComparison.Ordinal);
        // Ten pauses a second, told of once a minute.
        Assert.InRange(proxy.Errors.SoFar.Count(static line => line.Contains(Pauses, StringComparison.Ordinal)), 1,
            1 + (int)TimeProvider.System.GetElapsedTime(began).TotalMinutes);
        limit.Restore();

        foreach (var peer in waiting)
        {
            // What there was room for when it was accepted and none when the relay was dialled is told so.
            Assert.Contains(await Line(peer),
                (string[])["220 mx ready\r\n", "421 4.3.2 Service not available: local resources are short, please try again later\r\n"]);
            peer.Dispose();
        }

        await Well(proxy);
        Assert.True((await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "descriptors")) > 0);
        return true;
    }

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Crowd_OfTheSinksOwn_IsTurnedAway_AndTheSinkGoesOn(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit -n");
        const int Files = 512;
        await using var proxy = await ProxyProcess.StartByAsync(With(Files), $"--SmtpProxy:Transport={transport}");
        using var honest = await Connect(proxy);
        Assert.StartsWith("220 ", await Line(honest), StringComparison.Ordinal);
        var crowd = new List<Peer>();
        for (var n = 0; n < 2 * Files; n++)
        {
            crowd.Add(await Connect(proxy));
            // The sink may be the one that has no room: then it is its refusal that the client reads.
            Assert.Matches("^(220 |421 )", await Line(crowd[^1]));
        }

        await honest.Says("NOOP\r\n");
        Assert.StartsWith("250", await Line(honest), StringComparison.Ordinal);
        Assert.True((await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "descriptors")) > 0);
        crowd.ForEach(static peer => peer.Dispose());
        await Eventually.Async(async () =>
        {
            using var another = await Connect(proxy);
            return (await Line(another)).StartsWith("220 ", StringComparison.Ordinal);
        }, "there is no room again");
    }

    /// <summary>The check comes before the runtime opens what it could not do without.</summary>
    [SkippableTheory]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(511)]
    public async Task Start_WithTooFewFiles_SaysWhatToRaise(int files)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit -n");
        foreach (var command in (string[])["run", "demo", "check"])
        {
            var (code, output, errors) = await ProxyProcess.RunByAsync(With(files), command);
            Assert.Equal(1, code);
            Assert.Empty(output);
            Assert.StartsWith($"smtpproxy: cannot run:\n  LimitNOFILE: {files} open files are too few", errors, StringComparison.Ordinal);
            Assert.Contains("ulimit -n to 1024 or more", errors, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData(512)]
    [InlineData(1024)]
    public async Task Demo_WithFewFiles_WaitsInsteadOfDying(int files)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit -n");
        var (code, _, errors) = await ProxyProcess.RunByAsync(With(files), "demo", "--port", "0", "--admin", "http://127.0.0.1:0", "--rate",
            "1000", "--duration", "6s");
        Assert.True(code == 0, errors);
        Assert.DoesNotContain("Too many open files", errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Check_WithTheFewestFiles_Works()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit -n");
        var (code, _, errors) = await ProxyProcess.RunByAsync(With(512), "check");
        Assert.True(code == 0, errors);
    }

    [Fact]
    public async Task Start_BeforeItIsReady_HasAskedForItsOwnPages()
    {
        await using var proxy = await ProxyProcess.StartAsync();
        Assert.True((await Metrics.ReadAsync(proxy)).Sum("kestrel_connection_duration_seconds_count") >= 4);
    }

    [SkippableFact]
    public async Task Start_UnderASoftLimit_HasTheHardOne()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit -n");
        await using var proxy = await ProxyProcess.StartByAsync(["sh", "-c", "ulimit -Sn 300; exec \"$@\"", "sh"]);
        var limits = await File.ReadAllLinesAsync($"/proc/{proxy.Id}/limits");
        var files = limits.First(static line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(files[4], files[3]);
    }

    /// <summary>Neither sessions nor probes have anything against the relay.</summary>
    private static async Task Well(ProxyProcess proxy)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        var relay = JsonElement.Parse(await http.GetStringAsync("/api/v1/upstreams"))[0];
        Assert.Equal((true, 0, 0), (relay.GetProperty("up").GetBoolean(), relay.GetProperty("connectFailures").GetInt32(),
            relay.GetProperty("greetingFailures").GetInt32()));
        Assert.NotEqual("Unhealthy", relay.GetProperty("probeHealth").GetString());
        Assert.NotEqual("Unhealthy", relay.GetProperty("health").GetString());
    }

    private static string[] With(int files) => ["sh", "-c", $"ulimit -n {files}; exec \"$@\"", "sh"];

    private static async Task<Peer> Connect(ProxyProcess proxy)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Listener()).WaitAsync(ProxyProcess.Patience);
        return new Peer(socket);
    }

    private static async Task<string> Line(Peer peer)
    {
        var line = new StringBuilder();
        while (line.Length == 0 || line[^1] != '\n')
        {
            var octet = await peer.Read(1);
            if (octet.Length == 0)
            {
                break;
            }

            line.Append((char)octet[0]);
        }

        return line.ToString();
    }
}
