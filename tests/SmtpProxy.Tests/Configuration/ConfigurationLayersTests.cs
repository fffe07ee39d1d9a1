using SmtpProxy.Configuration;

namespace SmtpProxy.Tests.Configuration;

public sealed class ConfigurationLayersTests : IDisposable
{
    private readonly string _program = Directory.CreateTempSubdirectory("smtpproxy-").FullName;
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
        Write(_program, "appsettings.json", """{ "SmtpProxy": { "Listeners": { "inbound": { "Address": "a" }, "other": { "Address": "b", "Backlog": 7 } }, "Journal": { "Path": "j" } } }""");
        var values = Flatten(new Overrides(["SmtpProxy:Listeners"], new Dictionary<string, string?> { ["SmtpProxy:Listeners:inbound:Address"] = "c" }));
        Assert.Equal(["SmtpProxy:Journal:Path=j", "SmtpProxy:Listeners:inbound:Address=c"], Shown(values));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public void Flatten_NullOrEmptyAbove_RemovesWhatIsBelow(string nothing)
    {
        Write(_program, "appsettings.json", """{ "SmtpProxy": { "Listeners": { "inbound": { "Address": "a" }, "other": { "Address": "b" } } } }""");
        Write(_working, "appsettings.json", "{ \"SmtpProxy\": { \"Listeners\": { \"inbound\": " + nothing + " } } }");
        Assert.Equal(["SmtpProxy:Listeners:other:Address=b"], Shown(Flatten(Overrides.None)));
    }

    [Fact]
    public void Flatten_WhatIsNoneOfOurs_IsLeftOutside()
    {
        Write(_program, "appsettings.json", """{ "urls": "http://*:1", "HTTP_PORTS": "8080", "SmtpProxyX": { "A": "b" }, "Logging": { "LogLevel": { "Default": "Debug" } } }""");
        Assert.Equal(["Logging:LogLevel:Default=Debug"], Shown(Flatten(Overrides.None)));
    }

    [Fact]
    public void Load_AFileThatIsNotJson_IsNamedAndNothingElseIs()
    {
        Write(_working, "appsettings.json", "{ \"SmtpProxy\": ");
        var refused = Assert.Throws<ConfigurationException>(() => new ValidatedConfiguration(Layers(), Overrides.None));
        Assert.StartsWith(Path.Combine(_working, "appsettings.json") + ": cannot be read: ", Assert.Single(refused.Problems).Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(_program, recursive: true);
        Directory.Delete(_working, recursive: true);
    }

    private static void Write(string folder, string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    private static IEnumerable<string> Shown(Dictionary<string, string?> values) => values.Select(static v => $"{v.Key}={v.Value}").Order(StringComparer.Ordinal);

    private ConfigurationLayers Layers() => new([_program, _working], "Staging");

    private Dictionary<string, string?> Flatten(Overrides overrides)
    {
        using var layers = Layers();
        return layers.Flatten(overrides);
    }
}
