using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Packages;

/// <summary>The steps of the Dockerfile without an engine: what is copied, what is run, with which variables it starts, and how
/// its health is asked for.</summary>
public sealed partial class DockerfileTests
{
    private readonly (string Verb, string Text)[] _steps =
        [.. from Match step in Step().Matches(Comment().Replace(File.ReadAllText(Path.Combine(SourceFolder.Root, "Dockerfile")), "")
            .Replace("\\\n", " ", StringComparison.Ordinal))
            select (step.Groups["verb"].Value, step.Groups["rest"].Value.Trim())];

    [SkippableTheory]
    [InlineData("build", "")]
    [InlineData("native-build", "native")]
    public async Task Steps_TakenOneByOne_MakeAProxyThatPassesMailAndIsHealthy(string made, string image)
    {
        PeerTool.Require("swaks");
        Skip.If(image == "native" && Environment.GetEnvironmentVariable("SMTPPROXY_NATIVE") is not "1",
            "SMTPPROXY_NATIVE is not 1: native code takes a compiler minutes, and a C linker");
        using var box = await Sandbox.MakeAsync();
        var scratch = Directory.CreateTempSubdirectory("smtpproxy-image-").FullName;
        try
        {
            foreach (var (verb, rest) in Stage(made))
            {
                if (verb == "COPY")
                {
                    Copy(rest.Split(' '), Path.Combine(scratch, "source"));
                }
                else if (verb == "RUN")
                {
                    var command = rest.Replace(" /app", $" {scratch}/app", StringComparison.Ordinal);
                    await Command.SucceedAsync("env",
                        ["-C", Path.Combine(scratch, "source"), "VERSION=7.8.9", "sh", "-c",
                            Dotnet().Replace(command, "$0 -v quiet --nologo")]);
                }
            }

            var variables = Stage(image).Single(static s => s.Verb == "ENV").Text;
            string Words(string verb) => Exec(image, verb).Replace("/app/", $"{scratch}/app/", StringComparison.Ordinal);
            var said = await box.SucceedAsync($$"""
                SMTPPROXY_KEEP=1 smtpproxy --listen 127.0.0.1:2727 --admin http://127.0.0.1:9099 --SmtpProxy:Sink:Address=127.0.0.1:2626
                cd '{{scratch}}/app'; export {{variables}}
                {{Words("ENTRYPOINT")}} --relay smtp://127.0.0.1:2626 --admin http://127.0.0.1:9999 & proxy=$!
                check() { {{Words("HEALTHCHECK").Replace("--pid 1", "--pid $proxy", StringComparison.Ordinal)}}; }
                until check 2> /dev/null; do sleep 0.1; done
                {{Words("ENTRYPOINT")}} --version
                swaks --server 127.0.0.1:2525 --to you@example.org --silent
                kill -TERM $proxy; wait $proxy
                ! check
                """);
            Assert.Contains("\nready\nsmtpproxy 7.8.9\n", said, StringComparison.Ordinal);
            Assert.Contains("smtpproxy: not ready: ", said, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Compiling it is tried on request; what it would be is always held to what is tried.</summary>
    [Fact]
    public void Native_Image_IsTheOtherButForItsProgram()
    {
        Assert.Equal(Stage("").Select(static s => (s.Verb, s.Text.Replace("--from=build", "--from=native-build", StringComparison.Ordinal)
            .Replace("\"dotnet\", \"SmtpProxy.dll\"", "\"/app/SmtpProxy\"", StringComparison.Ordinal))), Stage("native"));
        Assert.Equal(Stage("build").Where(static s => s.Verb != "RUN"), Stage("native-build").Where(static s => s.Verb != "RUN"));
        Assert.All(Stage("native-build").Where(static s => s.Verb == "RUN"),
            static s => Assert.Contains(" -p:PublishAot=true", s.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Image_ThatNobodyNames_IsTheLast() => Assert.DoesNotContain(" AS ", _steps.Last(static s => s.Verb == "FROM").Text,
        StringComparison.Ordinal);

    [Fact]
    public void Files_ThatAreCopied_ReachTheEngine()
    {
        var ignored = File.ReadAllLines(Path.Combine(SourceFolder.Root, ".dockerignore"));
        Assert.DoesNotContain(
            _steps.Where(static s => s.Verb == "COPY" && !s.Text.StartsWith("--from", StringComparison.Ordinal))
                .SelectMany(static s => s.Text.Split(' ')[..^1]),
            path => ignored.Contains(path.Split('/')[0]));
    }

    /// <summary>The steps of a stage, after its base; an empty name: of the last, which has none.</summary>
    private IEnumerable<(string Verb, string Text)> Stage(string name) =>
        _steps.SkipWhile(s => s.Verb != "FROM" || (name.Length == 0 ? s.Text.Contains(" AS ", StringComparison.Ordinal)
            : !s.Text.EndsWith($" AS {name}", StringComparison.Ordinal))).Skip(1).TakeWhile(static s => s.Verb != "FROM");

    /// <summary>The words of a step that is written as JSON.</summary>
    private string Exec(string stage, string verb)
    {
        var rest = Stage(stage).Single(s => s.Verb == verb).Text;
        return string.Join(' ', JsonSerializer.Deserialize<string[]>(rest[rest.IndexOf('[', StringComparison.Ordinal)..])!);
    }

    private static void Copy(string[] words, string to)
    {
        var into = Path.Combine(to, words[^1]);
        foreach (var from in words[..^1].Select(static word => Path.Combine(SourceFolder.Root, word)))
        {
            foreach (var file in Directory.Exists(from) ? Directory.GetFiles(from, "*", SearchOption.AllDirectories) : [from])
            {
                var target = Path.Combine(into, Path.GetRelativePath(Directory.Exists(from) ? from : Path.GetDirectoryName(from)!, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target, overwrite: true);
            }
        }
    }

    [GeneratedRegex("^#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("dotnet (restore|publish)")]
    private static partial Regex Dotnet();

    [GeneratedRegex("^(?<verb>[A-Z]+) (?<rest>.*)$", RegexOptions.Multiline)]
    private static partial Regex Step();
}
