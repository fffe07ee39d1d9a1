using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Page;

/// <summary>What the page holds in Chromium while sessions pass through its list; how it is counted stands in <c>memory.cjs</c>.</summary>
public sealed class PageMemoryTests
{
    [SkippableFact]
    public async Task ListOfSessions_ManyPassThroughIt_HoldsNoMoreThanAfterAFew()
    {
        var (node, chromium) = (PeerTool.Require("node"), PeerTool.Require("chromium"));
        var modules = PeerTool.RequireUnpacked("browser/node_modules");
        await using var proxy = await ProxyProcess.StartAsync();
        await LiveProxy.TalkAsync(
            proxy, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "DATA",
            "Subject: x\r\n\r\nhi\r\n.", "QUIT");
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        await Eventually.Async(
            async () => (await http.GetStringAsync(new Uri("/api/v1/sessions?live=false", UriKind.Relative)))
                .Contains("\"number\"", StringComparison.Ordinal),
            "the session is not kept");
        var script = Path.Combine(AppContext.BaseDirectory, "Page", "memory.cjs");
        await Command.SucceedAsync(node, [script, modules, chromium, proxy.Admin.ToString().TrimEnd('/')]);
    }
}
