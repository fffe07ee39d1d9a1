using System.Text.Json;
using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet.Reading;

/// <summary>Who reads the fleet's stream again goes on where it was, at whichever proxy; and who is lost is told by the process.</summary>
[Collection("Fleet")]
public sealed class FleetResumeTests
{
    private const string Path = "/api/v1/fleet/sessions/stream";

    [SkippableFact]
    public async Task Stream_ReadAgain_SendsWhatWasMissedOfAllProxiesOnce()
    {
        await using var fleet = await FleetRig.StartReadingAsync(2);
        ProxyProcess[] proxies = [await fleet.OfAsync("node-0"), await fleet.OfAsync("node-1")];
        var (last, seen) = ("", new List<string>());
        await using (var events = await OpenAsync(proxies[0], ""))
        {
            Assert.Equal(["hello", "found"], [(await events.NextAsync()).Name, (await events.NextAsync()).Name]);
            foreach (var proxy in proxies)
            {
                await LiveProxy.TalkAsync(proxy, "EHLO app.test.example", "QUIT");
                (var id, last) = await SessionAsync(events);
                seen.Add(id);
            }
        }

        Assert.Matches("^[0-9a-f]{16}-[0-9]+[.][0-9a-f]{16}-[0-9]+$", last);
        foreach (var n in new[] { 1, 0, 1 })
        {
            await LiveProxy.TalkAsync(proxies[n], "EHLO app.test.example", "QUIT");
        }

        var all = new List<string>();
        await Eventually.Async(async () =>
        {
            all = [.. (await fleet.GetAsync(proxies[0], "/api/v1/fleet/sessions?live=false")).GetProperty("sessions").EnumerateArray()
                .Select(static s => s.GetProperty("session").GetProperty("session").GetString()!)];
            return all.Count == 5;
        }, "the sessions are not kept");

        // At the same proxy, and at the other one.
        var where = "";
        foreach (var proxy in proxies)
        {
            await using var events = await OpenAsync(proxy, last);
            var heard = new List<string>();
            while (heard.Count < 3)
            {
                (var id, where) = await SessionAsync(events);
                heard.Add(id);
            }

            Assert.Equal(all.Except(seen).Order(), heard.Order());
        }

        // Nothing that was heard comes again before what is new.
        await LiveProxy.TalkAsync(proxies[1], "EHLO app.test.example", "QUIT");
        await using var again = await OpenAsync(proxies[0], where);
        Assert.DoesNotContain((await SessionAsync(again)).Session, all);
        await using var mistaken = await OpenAsync(proxies[0], "no-place");
        Assert.Equal(["hello", "restart"], [(await mistaken.NextAsync()).Name, (await mistaken.NextAsync()).Name]);
    }

    [SkippableFact]
    public async Task Stream_OfTwoMembersOfOneName_TellsWhichIsLostAndBack()
    {
        await using var fleet = await FleetRig.StartReadingAsync(1);
        await using var odd = new OddPeer { Answer = static _ => OddPeer.Json("{}", "500 Oops") };
        await fleet.AddAsync("twin", fleet.Reading());
        await fleet.AddAsync("twin", [$"--SmtpProxy:Fleet:AdminUrl={odd.Url}", .. fleet.Token()]);
        await fleet.JoinedAsync(3);
        var proxy = await fleet.OfAsync("node-0");
        await using var events = await OpenAsync(proxy, "");
        var (found, lost) = ("", "");
        while (found.Length == 0 || lost.Length == 0)
        {
            var (name, data, _) = await events.NextAsync();
            (found, lost) = (name == "found" ? IdOf(data) : found, name == "lost" ? IdOf(data) : lost);
        }

        // It answers, and what it says is no stream of this product: it is lost again, and the twin all the while not.
        Assert.NotEqual(found, lost);
        foreach (var said in (string[])["event: gap\ndata: {}\n\n", "event: gap\ndata: []\n\n",
            "event: session\ndata: {\"session\":\"\\ud800\"}\n\n"])
        {
            odd.Answer = _ => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                + "event: hello\ndata: {}\n\n" + said;
            foreach (var wanted in (string[])["found", "lost"])
            {
                string name, data;
                do
                {
                    (name, data, _) = await events.NextAsync();
                    Assert.Equal(lost, IdOf(data));
                }
                while (name != wanted);
            }
        }
    }

    private static Task<SentEvents> OpenAsync(ProxyProcess proxy, string last) => SentEvents.OpenAsync(
        new HttpClient { BaseAddress = proxy.Admin }, Path, last.Length == 0 ? null : last);

    /// <summary>The next session that ended, and the id of its event.</summary>
    private static async Task<(string Session, string Id)> SessionAsync(SentEvents events)
    {
        while (true)
        {
            var (name, data, id) = await events.NextAsync();
            Assert.True(name is "hello" or "found" or "session", $"{name}: {data}");
            if (name == "session")
            {
                return (JsonElement.Parse(data).GetProperty("session").GetProperty("session").GetString()!, id);
            }
        }
    }

    private static string IdOf(string data) => JsonElement.Parse(data).GetProperty("id").GetString()!;
}
