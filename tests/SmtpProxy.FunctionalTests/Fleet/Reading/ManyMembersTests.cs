using System.Globalization;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet.Reading;

/// <summary>More members than are asked, members that say of themselves what cannot be, and more readers than one member is asked by at
/// once.</summary>
[Collection("Fleet")]
public sealed class ManyMembersTests
{
    [SkippableFact]
    public async Task Members_MoreThanAreAsked_AreNamedAndTheProxyItselfIsAlwaysShown()
    {
        await using var fleet = await FleetRig.StartReadingAsync(0);
        var proxy = await fleet.AddAsync("zz-last", fleet.Reading());
        await LiveProxy.TalkAsync(proxy, "EHLO app.test.example", "QUIT");
        await using var others = new SealedMembers(fleet.Redis, [.. Enumerable.Range(0, 40).Select(static n =>
            SealedMembers.Good(string.Create(CultureInfo.InvariantCulture, $"fake-{n:00}")))]);
        await fleet.JoinedAsync(41);

        await Eventually.Async(async () => (await fleet.GetAsync(proxy, "/api/v1/fleet/sessions")).GetProperty("sessions").GetArrayLength()
            == 1, "its own session is not shown");
        var now = await fleet.GetAsync(proxy, "/api/v1/fleet/now");
        Assert.Equal("zz-last", Assert.Single(now.GetProperty("nodes").EnumerateArray()).GetProperty("node").GetString());
        var reasons = now.GetProperty("unanswered").EnumerateArray().CountBy(static u => u.GetProperty("reason").GetString()!)
            .ToDictionary();
        Assert.Equal((31, 9), (reasons["not_published"], reasons["busy"]));
        Assert.Single((await fleet.GetAsync(proxy, "/api/v1/fleet/now?node=fake-39")).GetProperty("unanswered").EnumerateArray());

        using var http = new HttpClient { BaseAddress = proxy.Admin };
        await using var events = await SentEvents.OpenAsync(http, "/api/v1/fleet/sessions/stream");
        var hello = JsonElement.Parse((await events.NextAsync()).Data);
        Assert.Equal(9, hello.GetProperty("unanswered").GetArrayLength());
        Assert.Contains("zz-last", hello.GetProperty("nodes").EnumerateArray().Select(static n => n.GetString()));
    }

    [SkippableFact]
    public async Task Members_ThatSayWhatCannotBe_AreLeftOutAndCostNothing()
    {
        await using var fleet = await FleetRig.StartReadingAsync(1);
        var good = SealedMembers.Good("fake");
        await using var odd = new SealedMembers(fleet.Redis,
            good, good with { Node = "<b>\u001b[2J\r\n" }, good with { Node = null! }, good with { Node = new string('n', 65) },
            good with { Configuration = "short" }, good with { Configuration = null! }, good with { Version = "1\n" },
            good with { RecentSessions = long.MaxValue }, good with { RecentSessions = -1 }, good with { Sessions = -1 },
            good with { Node = "urls", Admin = "file:///etc/passwd" }, good with { Node = "path", Admin = "http://127.0.0.1:1/x" });
        await fleet.JoinedAsync(4);
        await fleet.ArmAsync(fleet.Proxies[0],
            "{'at':'mail','ttl':'00:10:00','budget':{'maxAffectedRatio':1},'action':{'type':'reply','code':451}}");
        Assert.Equal("451", await Sends.MailAsync(fleet.Proxies[0]));
        var now = await fleet.GetAsync(fleet.Proxies[0], "/api/v1/fleet/now");
        Assert.Equal(["fake", "path", "urls"], now.GetProperty("unanswered").EnumerateArray()
            .Where(static u => u.GetProperty("reason").GetString() == "not_published")
            .Select(static u => u.GetProperty("node").GetString()));
    }

    [SkippableFact]
    public async Task Streams_ThatManyLookAt_LeaveAMemberRoomToAnswer()
    {
        await using var fleet = await FleetRig.StartReadingAsync(2);
        var proxy = await fleet.OfAsync("node-0");
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        var open = new List<SentEvents>();
        try
        {
            for (var n = 0; n < 12; n++)
            {
                var events = await SentEvents.OpenAsync(http, "/api/v1/fleet/sessions/stream");
                open.Add(events);
                Assert.Equal("hello", (await events.NextAsync()).Name);
                Assert.Equal("found", (await events.NextAsync()).Name);
            }

            var now = await fleet.GetAsync(proxy, "/api/v1/fleet/now");
            Assert.Equal(2, now.GetProperty("nodes").GetArrayLength());
        }
        finally
        {
            foreach (var events in open)
            {
                await events.DisposeAsync();
            }
        }
    }
}
