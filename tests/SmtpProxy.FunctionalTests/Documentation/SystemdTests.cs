using System.Globalization;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>The units of deploy/systemd, which docs/security.md shows whole.</summary>
public sealed partial class SystemdTests
{
    [Theory]
    [InlineData("smtpproxy.service")]
    [InlineData("smtpproxy.socket")]
    public async Task Unit_OfThePage_IsTheOneThatIsShipped(string file)
    {
        var unit = await File.ReadAllTextAsync(Path.Combine(SourceFolder.Root, "deploy", "systemd", file));
        Assert.Contains(Pages.Snippets, snippet => snippet.Language == "systemd" && snippet.Text == unit);
    }

    /// <summary>From 0 (nothing is open to it) to 10; 2 is what systemd itself calls OK.</summary>
    [SkippableFact]
    public async Task Service_AsShipped_IsHardened()
    {
        var said = await Command.SucceedAsync(
            PeerTool.Require("systemd-analyze"),
            ["security", "--offline=true", "--no-pager", Path.Combine(SourceFolder.Root, "deploy", "systemd", "smtpproxy.service")]);
        var exposure = double.Parse(Exposure().Match(said).Groups["level"].Value, CultureInfo.InvariantCulture);
        Assert.True(exposure < 2, said);
    }

    [GeneratedRegex(@"exposure level[^:]*: (?<level>[0-9.]+)")]
    private static partial Regex Exposure();
}
