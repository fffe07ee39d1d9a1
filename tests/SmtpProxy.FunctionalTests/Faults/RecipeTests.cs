using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>The recipes of docs/faults.md, run as they stand there.</summary>
public sealed class RecipeTests
{
    [SkippableTheory]
    [InlineData("sh", "bash", "-ec")]
    [InlineData("python", "python3", "-c")]
    public async Task Recipe_OfTheDocumentation_Works(string language, string program, string option)
    {
        var tool = PeerTool.Require(program);
        PeerTool.Require("curl");
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Faults", "faults.md"));
        var recipe = Regex.Match(page, $"^```{language}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
        await using var proxy = await FaultedProxy.StartAsync();
        await Command.SucceedAsync("env", [$"ADMIN={proxy.Process.Admin.GetLeftPart(UriPartial.Authority)}", $"SMTP={proxy.Process.Listener()}", tool, option, recipe]);
    }
}
