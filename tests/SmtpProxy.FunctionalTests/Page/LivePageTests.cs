using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Page;

/// <summary>The page in Chromium: every view, on a desktop and on a phone, in both themes. What is done and looked for stands in
/// <c>browse.cjs</c>; the pictures that it takes are left in <c>artifacts/screenshots</c>.</summary>
public sealed class LivePageTests
{
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

    /// <summary>What looks at the page of a proxy; skips the test where there is no browser.</summary>
    internal static Func<Uri, string[], Task> Browse(string mode)
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
