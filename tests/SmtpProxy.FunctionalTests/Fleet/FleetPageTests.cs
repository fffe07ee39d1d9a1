using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>The page of one proxy over all of its fleet, in Chromium; what is done and looked for stands in <c>fleet.cjs</c>. One of three
/// proxies says no address, and has drifted.</summary>
[Collection("Fleet")]
public sealed class FleetPageTests
{
    [SkippableFact]
    public async Task Page_OfAFleet_ShowsAllProxiesOrOne_AndWhoDoesNotAnswer()
    {
        var (node, chromium) = (PeerTool.Require("node"), PeerTool.Require("chromium"));
        var modules = PeerTool.RequireUnpacked("browser/node_modules");
        var pictures = Path.Combine(SourceFolder.Root, "artifacts", "screenshots");
        Directory.CreateDirectory(pictures);
        await using var fleet = await FleetRig.StartReadingAsync(2);
        await fleet.AddAsync("node-2", [.. fleet.Token(), "--SmtpProxy:Limits:MaxSessions=77"]);
        await fleet.JoinedAsync(3);
        var proxy = await fleet.OfAsync("node-0");
        foreach (var one in new[] { proxy, await fleet.OfAsync("node-1") })
        {
            await LiveProxy.TalkAsync(one, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "RSET",
                "QUIT");
        }

        await Eventually.Async(async () => (await fleet.GetAsync(proxy, "/api/v1/fleet/sessions")).GetProperty("sessions").GetArrayLength()
            == 2, "the sessions are not kept");
        var script = Path.Combine(AppContext.BaseDirectory, "Page", "fleet.cjs");
        await Command.SucceedAsync(node, [script, modules, chromium, proxy.Admin.ToString().TrimEnd('/'), pictures]);
    }
}
