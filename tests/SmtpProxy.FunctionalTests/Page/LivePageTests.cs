using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Page;

/// <summary>The page in Chromium: every view, on a desktop and on a phone, in both themes. What is done and looked for stands in
/// <c>browse.cjs</c>; the pictures that it takes are left in <c>artifacts/screenshots</c>.</summary>
public sealed class LivePageTests
{
    private const string Token = "0123456789abcdef0123";
    private const int Enough = 200;

    [SkippableFact]
    public async Task Page_BesideTheDemo_AnswersWhatPeopleComeFor()
    {
        var browse = Browse("demo");
        await using var demo = ProxyProcess.Begin("demo", "--port", "0", "--admin", "http://127.0.0.1:0", "--journal", "-", "--faults",
            "--rate", "15");
        await demo.JournalAsync(Enough);
        await browse(demo.Admin, []);
    }

    /// <summary>With a token, with a relay that is dead, and with nothing going on: then every number can be
    /// held against the others.</summary>
    [SkippableFact]
    public async Task Page_BesideADeadRelay_SaysSo_AndItsNumbersAreThoseOfTheApi()
    {
        var browse = Browse("dead");
        await using var proxy = await ProxyProcess.StartAsync(
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--SmtpProxy:Listeners:inbound:Cluster=relays",
            "--SmtpProxy:Listeners:lost:Address=127.0.0.1:0", "--SmtpProxy:Listeners:lost:Cluster=gone",
            $"--ReverseProxy:Clusters:gone:Destinations:mx9:Address=smtp://127.0.0.1:{FreePort.Next()}",
            $"--SmtpProxy:Admin:BearerToken={Token}");
        for (var n = 0; n < 4; n++)
        {
            var (taken, _) = await MailClient.ConnectAsync(proxy.Listener());
            await taken.SayAsync("EHLO client.example");
            Assert.StartsWith("250 ", await taken.MailAsync(), StringComparison.Ordinal);
            taken.Dispose();
            var (lost, greeting) = await MailClient.ConnectAsync(proxy.Listener("lost"));
            Assert.StartsWith("421 ", greeting, StringComparison.Ordinal);
            lost.Dispose();
        }

        await proxy.JournalAsync(8);
        await browse(proxy.Admin, [Token]);
    }

    private static Func<Uri, string[], Task> Browse(string mode)
    {
        var (node, chromium) = (PeerTool.Require("node"), PeerTool.Require("chromium"));
        var modules = PeerTool.RequireUnpacked("browser/node_modules");
        var pictures = Path.Combine(SourceFolder.Root, "artifacts", "screenshots");
        Directory.CreateDirectory(pictures);
        return (admin, more) => Command.SucceedAsync(node,
            [Path.Combine(AppContext.BaseDirectory, "Page", "browse.cjs"), modules, chromium, admin.ToString().TrimEnd('/'), mode, pictures,
                .. more]);
    }
}
