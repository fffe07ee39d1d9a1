using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Sessions of all proxies as they end, from one of them.</summary>
[Collection("Fleet")]
public sealed class FleetStreamTests
{
    [SkippableFact]
    public async Task Stream_OfAMemberThatGoesAndComesBack_SaysSoAndGoesOn()
    {
        await using var fleet = await FleetRig.StartReadingAsync(2);
        var (proxy, other) = (await fleet.OfAsync("node-0"), await fleet.OfAsync("node-1"));
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        await using var events = await SentEvents.OpenAsync(http, "/api/v1/fleet/sessions/stream");
        Assert.Equal("hello", (await events.NextAsync()).Name);

        Assert.Contains("\"node-1\"", await FoundAsync(events), StringComparison.Ordinal);
        foreach (var (one, name) in new[] { (proxy, "node-0"), (other, "node-1") })
        {
            await LiveProxy.TalkAsync(one, "EHLO app.test.example", "QUIT");
            Assert.StartsWith($$"""{"node":"{{name}}","session":{""", await NextAsync(events, "session"), StringComparison.Ordinal);
        }

        other.Signal(9);
        await other.ExitAsync();
        Assert.Contains("\"node\":\"node-1\"", await NextAsync(events, "lost"), StringComparison.Ordinal);
        fleet.Proxies.Remove(other);
        await other.DisposeAsync();
        var again = await fleet.AddAsync("node-1", fleet.Reading());
        Assert.Contains("\"node-1\"", await FoundAsync(events), StringComparison.Ordinal);
        // Until then the process that was killed is heard of, and is not to be reached: of its name nothing is lost.
        await fleet.JoinedAsync(2);
        await LiveProxy.TalkAsync(again, "EHLO app.test.example", "QUIT");
        Assert.StartsWith("""{"node":"node-1","session":{""", await NextAsync(events, "session"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Watch_WithFleet_NamesTheProxyInEachLine_AndSaysWhoIsLostAndBack()
    {
        await using var fleet = await FleetRig.StartReadingAsync(2);
        var (proxy, other) = (await fleet.OfAsync("node-0"), await fleet.OfAsync("node-1"));
        await using var watch = ProxyProcess.Begin("watch", "--fleet", "--lines", "--admin", proxy.Admin.ToString());
        // It follows once it prints; until then what ends is not told.
        foreach (var (one, name) in new[] { (proxy, "node-0"), (other, "node-1") })
        {
            await FailAsync(one, watch, name);
        }

        other.Signal(9);
        await other.ExitAsync();
        await watch.Errors.AwaitAsync(static line => line.StartsWith("smtpproxy: node-1 is lost (", StringComparison.Ordinal), 1);
        fleet.Proxies.Remove(other);
        await other.DisposeAsync();
        var again = await fleet.AddAsync("node-1", fleet.Reading());
        await watch.Errors.AwaitAsync(static line => line == "smtpproxy: node-1 is back", 1);
        await FailAsync(again, watch, "node-1");
        watch.Terminate();
        Assert.Equal(0, await watch.ExitAsync());
    }

    /// <summary>Sessions with something wrong, until one more of them is printed.</summary>
    private static async Task FailAsync(ProxyProcess proxy, ProxyProcess watch, string node)
    {
        bool IsOfNode(string line) => line.StartsWith($"{node}  ", StringComparison.Ordinal);
        var before = watch.Output.SoFar.Count(IsOfNode);
        await Eventually.Async(async () =>
        {
            await LiveProxy.TalkAsync(proxy, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "RSET");
            return watch.Output.SoFar.Count(IsOfNode) > before;
        }, $"no line of {node}:\n{watch.Output.Text}\n{watch.Errors.Text}");
    }

    /// <summary>Who is found next. Only while a stream is being opened can a member be too late, and on a machine that is busy it is:
    /// it is asked again, and found then.</summary>
    private static async Task<string> FoundAsync(SentEvents events)
    {
        while (true)
        {
            var (name, data, _) = await events.NextAsync();
            if (name == "found")
            {
                return data;
            }

            Assert.True(name == "lost" && data.Contains("\"reason\":\"timeout\"", StringComparison.Ordinal), $"{name}: {data}");
        }
    }

    private static async Task<string> NextAsync(SentEvents events, string name)
    {
        var (its, data, _) = await events.NextAsync();
        Assert.True(its == name, $"{its}: {data}");
        return data;
    }
}
