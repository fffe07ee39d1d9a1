using System.Globalization;
using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Page;
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
        await using var fleet = await FleetRig.StartReadingAsync(2, "--SmtpProxy:Fleet:AskTimeout=00:00:01");
        await fleet.AddAsync("smtpproxy-7d9f8b6c5d-x2x4z", [.. fleet.Token(), "--SmtpProxy:Limits:MaxSessions=77"]);
        await fleet.JoinedAsync(3);
        var (proxy, other) = (await fleet.OfAsync("node-0"), await fleet.OfAsync("node-1"));
        foreach (var one in new[] { proxy, other })
        {
            await LiveProxy.TalkAsync(one, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "RSET",
                "QUIT");
        }

        await Eventually.Async(async () => (await fleet.GetAsync(proxy, "/api/v1/fleet/sessions")).GetProperty("sessions").GetArrayLength()
            == 2, "the sessions are not kept");
        var script = Path.Combine(AppContext.BaseDirectory, "Page", "fleet.cjs");
        await Command.SucceedAsync(node, [script, modules, chromium, proxy.Admin.ToString().TrimEnd('/'), pictures, Text(other.Id),
            Text(fleet.Redis.Id)]);
    }

    /// <summary>What the others say of themselves is text, their names too.</summary>
    [SkippableFact]
    public async Task Page_OfAFleet_WhateverAMemberIsCalled_ShowsItAsText()
    {
        var (node, chromium) = (PeerTool.Require("node"), PeerTool.Require("chromium"));
        var modules = PeerTool.RequireUnpacked("browser/node_modules");
        await using var fleet = await FleetRig.StartReadingAsync(2);
        var (proxy, other) = (await fleet.OfAsync("node-0"), await fleet.OfAsync("node-1"));
        await LiveProxy.TalkAsync(other, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RSET", "QUIT");
        await Eventually.Async(async () => (await fleet.GetAsync(proxy, "/api/v1/fleet/sessions")).GetProperty("sessions").GetArrayLength()
            == 1, "the session is not kept");
        var script = Path.Combine(AppContext.BaseDirectory, "Page", "hostile.cjs");
        await Command.SucceedAsync(node, [script, modules, chromium, proxy.Admin.ToString().TrimEnd('/'),
            HostileWordsTests.Utf8(HostileWordsTests.Hostile), "node-1"]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
