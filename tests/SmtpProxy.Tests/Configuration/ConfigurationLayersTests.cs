using System.Collections;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Tests.Configuration;

public sealed class ConfigurationLayersTests : IDisposable
{
    private readonly string _program = Directory.CreateTempSubdirectory("smtpproxy-").FullName;
    private readonly Hashtable _variables = [];
    private readonly string _working = Directory.CreateTempSubdirectory("smtpproxy-").FullName;

    [Fact]
    public void Flatten_FilesInBothFolders_TheWorkingDirectoryWinsKeyByKey()
    {
        Write(_program, "appsettings.json", """{ "SmtpProxy": { "Limits": { "Drain": "00:00:01", "Write": "00:00:01" } } }""");
        Write(_working, "appsettings.json", """{ "SmtpProxy": { "Limits": { "Drain": "00:00:02", "Reply": "00:00:02" } } }""");
        Write(_program, "appsettings.Staging.json", """{ "SmtpProxy": { "Limits": { "Reply": "00:00:03" } } }""");
        var values = Flatten(Overrides.None);
        Assert.Equal("00:00:02", values["SmtpProxy:Limits:Drain"]);
        Assert.Equal("00:00:01", values["SmtpProxy:Limits:Write"]);
        Assert.Equal("00:00:03", values["SmtpProxy:Limits:Reply"]);
    }

    [Fact]
    public void Flatten_ASectionReplaced_NothingOfItIsLeft()
    {
        Write(_program, "appsettings.json",
            """
            { "SmtpProxy": { "Listeners": { "inbound": { "Address": "a" }, "other": { "Address": "b", "Backlog": 7 } },
              "Journal": { "Path": "j" } } }
            """);
        var values = Flatten(new Overrides(["SmtpProxy:Listeners"],
            new Dictionary<string, string?> { ["SmtpProxy:Listeners:inbound:Address"] = "c" }));
        Assert.Equal(["SmtpProxy:Journal:Path=j", "SmtpProxy:Listeners:inbound:Address=c"], Shown(values));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public void Flatten_NullOrEmptyAbove_RemovesWhatIsBelow(string nothing)
    {
        Write(_program, "appsettings.json",
            """{ "SmtpProxy": { "Listeners": { "inbound": { "Address": "a" }, "other": { "Address": "b" } } } }""");
        Write(_working, "appsettings.json", "{ \"SmtpProxy\": { \"Listeners\": { \"inbound\": " + nothing + " } } }");
        Assert.Equal(["SmtpProxy:Listeners:other:Address=b"], Shown(Flatten(Overrides.None)));
    }

    [Fact]
    public void Flatten_WhatIsNoneOfOurs_IsLeftOutside()
    {
        Write(_program, "appsettings.json",
            """
            { "urls": "http://*:1", "HTTP_PORTS": "8080", "SmtpProxyExporter": { "A": "b" },
              "Logging": { "LogLevel": { "Default": "Debug" } } }
            """);
        Assert.Equal(["Logging:LogLevel:Default=Debug"], Shown(Flatten(Overrides.None)));
    }

    [Fact]
    public void Read_EverySource_WinsOverTheOnesBelow_AndIsNamed()
    {
        Write(_program, "appsettings.json",
            """{ "SmtpProxy": { "Limits": { "Drain": "00:00:01", "Write": "00:00:01", "Reply": "00:00:01", "Connect": "00:00:01" } } }""");
        Write(_working, "first.json",
            "{ \"SmtpProxy\": {\n\"LIMITS\": {\n\"WRITE\": \"00:00:02\", \"REPLY\": \"00:00:02\", \"CONNECT\": \"00:00:02\" } } }");
        Write(_working, "second.json", """{ "SmtpProxy": { "Limits": { "Reply": "00:00:03", "Connect": "00:00:03" } } }""");
        _variables["SMTPPROXY__LIMITS__CONNECT"] = "00:00:04";
        var second = Path.Combine(_working, "second.json");
        var laid = Read(Overrides.None with { Files = [Path.Combine(_working, "first.json"), second] });
        Assert.Equal(
            ["00:00:01 in PROGRAM/appsettings.json, line 1", "00:00:02 in WORKING/first.json, line 3",
                "00:00:03 in WORKING/second.json, line 1", "00:00:04 by the environment variable SMTPPROXY__LIMITS__CONNECT"],
            new[] { "Drain", "Write", "Reply", "Connect" }.Select(k => $"SmtpProxy:Limits:{k}")
                .Select(k => $"{laid.Values[k]} {Named(laid.Origins[k].Where)}"));
        Assert.Equal([Path.Combine(_program, "appsettings.json"), Path.Combine(_working, "first.json"), second], laid.Files);
    }

    [Fact]
    public void Read_AFileThatIsNamedAndNotThere_IsAProblem()
    {
        var file = Path.Combine(_working, "no", "such.json");
        Assert.Equal($"{file}: there is no such file; name one that exists",
            Assert.Single(Read(Overrides.None with { Files = [file] }).Unreadable).Text);
        Assert.Equal($"{_working}: is a directory; name a file",
            Assert.Single(Read(Overrides.None with { Files = [_working] }).Unreadable).Text);
    }

    /// <summary>Memory would run out.</summary>
    [Fact]
    public void Read_AFileWithoutEnd_IsAProblem()
    {
        var large = Path.Combine(_working, "large.json");
        File.WriteAllText(large, "{" + new string(' ', 8 * 1024 * 1024) + "}");
        foreach (var file in (string[])[large, .. OperatingSystem.IsLinux() ? ["/dev/zero"] : Array.Empty<string>()])
        {
            Assert.Equal($"{file}: cannot be read: it is larger than 8 MiB; name another file",
                Assert.Single(Read(Overrides.None with { Files = [file] }).Unreadable).Text);
        }
    }

    [Fact]
    public void Read_AFileThatIsGone_IsAProblemToWhoRunsFromIt()
    {
        Write(_working, "appsettings.json", "{}");
        using var layers = Layers(Overrides.None);
        var first = layers.Read([]);
        File.Delete(Assert.Single(first.Files));
        Assert.Contains("is gone; put it back", Assert.Single(layers.Read(first.Files).Unreadable).Text, StringComparison.Ordinal);
        Assert.Empty(layers.Read([]).Unreadable);
    }

    [Theory]
    [InlineData("{ \"SmtpPorxy\": { \"Limits\": { \"Drain\": \"00:00:07\", \"Write\": \"00:00:07\" } } }",
        "SmtpPorxy is not a section; did you mean SmtpProxy?")]
    [InlineData("{ \"Limits\": { \"Drain\": \"00:00:07\" } }", "Limits is not a section; it belongs in SmtpProxy: write SmtpProxy:Limits")]
    [InlineData("{ \"SmtpProxy__Limits__Drain\": \"00:00:07\" }",
        "SmtpProxy__Limits__Drain is not read; __ is for environment variables, in a file write SmtpProxy:Limits:Drain")]
    public void Read_ASectionWrittenWrongly_IsAProblem_AndJudgedAsWhatWasMeant(string json, string problem)
    {
        Write(_working, "appsettings.json", json);
        var laid = Read(Overrides.None);
        Assert.Equal($"{problem} (set in {Path.Combine(_working, "appsettings.json")}, line 1)", Assert.Single(laid.Misnamed).Text);
        Assert.Equal("00:00:07", laid.Values["SmtpProxy:Limits:Drain"]);
    }

    [Theory]
    [InlineData("ReverseProxi", "ReverseProxy")]
    [InlineData("Loging", "Logging")]
    [InlineData("Kestral", "Kestrel")]
    public void Read_ASectionWithASlip_SaysWhichWasMeant(string written, string meant)
    {
        Write(_working, "appsettings.json", "{ \"" + written + "\": { \"A\": \"b\" } }");
        Assert.StartsWith($"{written} is not a section; did you mean {meant}?", Assert.Single(Read(Overrides.None).Misnamed).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SectionsOfOthers_AreIgnoredAndNamed()
    {
        Write(_working, "appsettings.json", """{ "AllowedHosts": "*", "ConnectionStrings": { "A": "b", "C": "d" }, "Serilog": {} }""");
        var laid = Read(Overrides.None);
        Assert.Empty(laid.Misnamed);
        Assert.Equal(["AllowedHosts", "ConnectionStrings", "Serilog"], laid.Ignored.Select(static i => i.Split(' ')[0]));
    }

    [Fact]
    public void Load_AFileThatIsNotJson_IsNamedAndNothingElseIs()
    {
        Write(_working, "appsettings.json", "{ \"SmtpProxy\": ");
        var refused = Assert.Throws<ConfigurationException>(() => new ValidatedConfiguration(Layers(Overrides.None)));
        Assert.StartsWith(Path.Combine(_working, "appsettings.json") + ": line 1, column 16: the file ends too early",
            Assert.Single(refused.Problems).Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(_program, recursive: true);
        Directory.Delete(_working, recursive: true);
    }

    private static void Write(string folder, string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    private static IEnumerable<string> Shown(Dictionary<string, string?> values) =>
        values.Select(static v => $"{v.Key}={v.Value}").Order(StringComparer.Ordinal);

    private ConfigurationLayers Layers(Overrides overrides) => new([_program, _working], "Staging", overrides, _variables);

    private LaidSettings Read(Overrides overrides)
    {
        using var layers = Layers(overrides);
        return layers.Read([]);
    }

    private Dictionary<string, string?> Flatten(Overrides overrides) => Read(overrides).Values;

    private string Named(string place) =>
        place.Replace(_program, "PROGRAM", StringComparison.Ordinal).Replace(_working, "WORKING", StringComparison.Ordinal);
}
