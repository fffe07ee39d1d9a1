using SmtpProxy.FunctionalTests.Documentation;
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
        var recipe = Read(language);
        await using var proxy = await FaultedProxy.StartAsync();
        await Command.SucceedAsync("env",
            [$"ADMIN={proxy.Process.Admin.GetLeftPart(UriPartial.Authority)}", $"SMTP={proxy.Process.Listener()}", tool, option, recipe]);
    }

    /// <summary>The recipe in C# is a file of this project, and so compiled and run with it.</summary>
    [Fact]
    public async Task RecipeInCSharp_OfTheDocumentation_IsTheTestThatRunsHere()
    {
        var test = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Faults", $"{nameof(GreylistedMailTests)}.cs"));
        Assert.Equal(test.Replace($"namespace {typeof(GreylistedMailTests).Namespace};\n\n", "", StringComparison.Ordinal), Read("csharp"));
    }

    private static string Read(string language) =>
        Pages.Snippets.Single(snippet => snippet.Language == language && snippet.RunBy == nameof(RecipeTests)).Text;
}
