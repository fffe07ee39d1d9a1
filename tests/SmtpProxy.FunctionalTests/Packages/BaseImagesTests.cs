using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Packages;

/// <summary>What the image is built upon is named by digest, and <c>build/base-images</c> names what is there today.</summary>
public sealed partial class BaseImagesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-base-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Dockerfile_OfThisProject_NamesEachImageByVersionAndDigest()
    {
        var images = Image().Matches(File.ReadAllText(Path.Combine(SourceFolder.Root, "Dockerfile")));
        Assert.Equal(["sdk", "sdk", "runtime-deps", "aspnet"], images.Select(static i => i.Groups["name"].Value));
        Assert.All(images, static i => Assert.Matches(
            "^10\\.0\\.\\d+(-noble-(aot|chiseled))?@sha256:[0-9a-f]{64}$", i.Groups["tag"].Value));
    }

    [Fact]
    public async Task Pin_OfARecord_TakesTheNewestOfEachLineAndItsDigestForAllPlatforms()
    {
        var dockerfile = Write("Dockerfile", $"""
            FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
            RUN echo "FROM mcr.microsoft.com/dotnet/sdk:10.0"
            FROM mcr.microsoft.com/dotnet/sdk:10.0.3-noble-aot@sha256:{new string('0', 64)} AS native
            FROM mcr.microsoft.com/dotnet/aspnet:10.0.3@sha256:{new string('0', 64)}
            """);
        var record = Write("record.json", Record("10.0"));
        var pinned = $"""
            FROM mcr.microsoft.com/dotnet/sdk:10.0.777@sha256:{new string('a', 64)} AS build
            RUN echo "FROM mcr.microsoft.com/dotnet/sdk:10.0"
            FROM mcr.microsoft.com/dotnet/sdk:10.0.777-noble-aot@sha256:{new string('d', 64)} AS native
            FROM mcr.microsoft.com/dotnet/aspnet:10.0.77@sha256:{new string('b', 64)}
            """;

        Assert.Equal(1, (await RunAsync(dockerfile, "--check", record)).ExitCode);
        Assert.DoesNotContain("777", await File.ReadAllTextAsync(dockerfile), StringComparison.Ordinal);
        var (code, said) = await RunAsync(dockerfile, record);
        Assert.True(code == 0, said);
        Assert.Equal(pinned, await File.ReadAllTextAsync(dockerfile));
        Assert.Contains("\n  was mcr.microsoft.com/dotnet/sdk:10.0\n", said, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(dockerfile, "--check", record)).ExitCode);
    }

    [Theory]
    [InlineData("{\"repos\": []}", "0 images dotnet/sdk:10.0")]
    [InlineData("no JSON", "can't be read")]
    [InlineData(null, "can't be read")]
    public async Task Pin_OfARecordThatDoesNotHaveIt_SaysSoAndLeavesTheFile(string? record, string problem)
    {
        const string text = "FROM mcr.microsoft.com/dotnet/sdk:10.0\n";
        var dockerfile = Write("Dockerfile", text);
        var (code, said) = await RunAsync(dockerfile, record is null ? Path.Combine(_folder, "none") : Write("record.json", record));
        Assert.Equal(1, code);
        Assert.Contains(problem, said, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(dockerfile));
    }

    /// <summary>As Microsoft writes it: an image of another line, and one platform's digest beside that of all.</summary>
    private static string Record(string line) => $$"""
        {"repos": [
          {"repo": "dotnet/sdk", "images": [
            {"productVersion": "9.0.300", "manifest": {"digest": "x/sdk@sha256:{{new string('9', 64)}}", "sharedTags": ["9.0"]} },
            {"productVersion": "10.0.777", "manifest": {"digest": "x/sdk@sha256:{{new string('a', 64)}}", "sharedTags": ["{{line}}"]},
              "platforms": [{"digest": "x/sdk@sha256:{{new string('c', 64)}}", "simpleTags": ["10.0-amd64"]}]},
            {"productVersion": "10.0.777", "manifest": {"digest": "x/sdk@sha256:{{new string('d', 64)}}",
              "sharedTags": ["{{line}}-aot", "{{line}}-noble-aot"]} },
            {"productVersion": "10.0.777", "platforms": []}]},
          {"repo": "dotnet/aspnet", "images": [
            {"productVersion": "10.0.77", "manifest": {"digest": "x/aspnet@sha256:{{new string('b', 64)}}", "sharedTags": ["{{line}}"]} }]}]}
        """;

    private static Task<(int ExitCode, string Output)> RunAsync(string dockerfile, params string[] arguments) => Command.RunAsync("env",
        [$"SMTPPROXY_DOCKERFILE={dockerfile}", Path.Combine(SourceFolder.Root, "build", "base-images"), .. arguments]);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"^FROM mcr\.microsoft\.com/dotnet/(?<name>\S+?):(?<tag>\S+)", RegexOptions.Multiline)]
    private static partial Regex Image();
}
