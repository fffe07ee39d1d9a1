using SmtpProxy.FunctionalTests.Admin;

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

        Assert.Contains("\"node-1\"", (await NextAsync(events, "found")), StringComparison.Ordinal);
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
        Assert.Contains("\"node-1\"", await NextAsync(events, "found"), StringComparison.Ordinal);
        await LiveProxy.TalkAsync(again, "EHLO app.test.example", "QUIT");
        Assert.StartsWith("""{"node":"node-1","session":{""", await NextAsync(events, "session"), StringComparison.Ordinal);
    }

    private static async Task<string> NextAsync(SentEvents events, string name)
    {
        var (its, data, _) = await events.NextAsync();
        Assert.True(its == name, $"{its}: {data}");
        return data;
    }
}
