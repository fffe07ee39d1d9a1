using SmtpProxy.Configuration.Rules;
using SmtpProxy.Fleet;

namespace SmtpProxy.Tests.Fleet;

/// <summary>What is wrong with a fleet's settings is said with the key and the remedy.</summary>
public sealed class FleetOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Validate_WithoutARedis_AsksForNothing() =>
        Assert.Empty(new FleetOptions { Name = "no name", KeyFile = "nowhere" }.Validate());

    [Theory]
    [InlineData("redis.example")]
    [InlineData("redis.example:6380, 192.0.2.1:6379,[2001:db8::1]:6379")]
    public void Validate_PlacesOfRedis_AreGood(string redis)
    {
        var options = Good(redis);
        Assert.Empty(options.Validate());
        Assert.Equal(redis.Split(',').Length, options.GetEndPoints().Count);
    }

    [Theory]
    [InlineData("redis://user:secret@redis.example", "SmtpProxy:Fleet:PasswordFile")]
    [InlineData("redis.example,password=secret", "SmtpProxy:Fleet:PasswordFile")]
    [InlineData("redis.example:none", "\"redis.example:none\" is not host:port")]
    public void Validate_WhatIsNoPlace_IsRefusedWithoutItsPassword(string redis, string says)
    {
        var problem = Assert.Single(Good(redis).Validate());
        Assert.StartsWith("SmtpProxy:Fleet:Redis: ", problem, StringComparison.Ordinal);
        Assert.Contains(says, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_EachOtherSetting_HasItsRemedy()
    {
        var options = Good("redis.example");
        (options.Name, options.KeyPrefix, options.Node) = ("two words", "", "a/b");
        (options.Timeout, options.PasswordFile, options.TlsName) = (TimeSpan.FromSeconds(3), File("empty", ""), "redis");
        options.KeyFile = File("short", "short");
        var problems = options.Validate().ToArray();
        foreach (var key in new[] { "Name", "KeyPrefix", "Node", "Timeout", "KeyFile", "PasswordFile", "TlsName" })
        {
            Assert.Contains(problems, p => p.StartsWith($"SmtpProxy:Fleet:{key}: ", StringComparison.Ordinal)
                && p.Contains("write ", StringComparison.Ordinal) | p.Contains("make a key", StringComparison.Ordinal));
        }

        options.KeyFile = null;
        Assert.Contains(options.Validate(), static p => p.Contains("openssl rand -hex 32", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ftp://192.0.2.1:9025", "AdminUrl")]
    [InlineData("http://user:secret@192.0.2.1:9025", "AdminUrl")]
    [InlineData("http://192.0.2.1:9025/path", "AdminUrl")]
    [InlineData("http://*:9025", "AdminUrl")]
    [InlineData("http://192.0.2.1:9025", "TokenFile")]
    public void Validate_AnAdminUrlThatNobodyCanAsk_IsRefusedWithItsRemedy(string url, string key)
    {
        var options = Good("redis.example");
        options.AdminUrl = url;
        var problem = Assert.Single(options.Validate());
        Assert.StartsWith($"SmtpProxy:Fleet:{key}: ", problem, StringComparison.Ordinal);
        Assert.Contains("write ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
        (options.AdminUrl, options.TokenFile) = ("https://proxy-1.example:9025", File("token", "fedcba9876543210\n"));
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void Validate_ATokenThatIsShortSplitOrTheKey_IsRefusedAndNotRepeated()
    {
        var options = Good("redis.example");
        foreach (var token in (string[])["short", "two words of a token", "0123456789abcdef\n"])
        {
            options.TokenFile = File("token", token);
            var problem = Assert.Single(options.Validate());
            Assert.StartsWith("SmtpProxy:Fleet:TokenFile: ", problem, StringComparison.Ordinal);
            Assert.DoesNotContain(token.Trim(), problem, StringComparison.Ordinal);
        }

        (options.TokenFile, options.AdminCa, options.AskTimeout) = (null, File("ca", "no pem"), TimeSpan.FromMinutes(1));
        Assert.Equal(2, options.Validate().Count());
    }

    [Fact]
    public void Token_ThatIsTheOneOfTheAdminSide_IsRefusedAndNotRepeated()
    {
        const string Token = "fedcba9876543210";
        var values = new Dictionary<string, string?>
        {
            ["SmtpProxy:Fleet:Redis"] = "redis.example",
            ["SmtpProxy:Fleet:KeyFile"] = File("key", "0123456789abcdef\n"),
            ["SmtpProxy:Fleet:Node"] = "a",
            ["SmtpProxy:Fleet:TokenFile"] = File("token", $"{Token}\n"),
            ["SmtpProxy:Admin:BearerToken"] = Token,
        };
        _ = SettingsReader.Read(values, out var problems);
        var problem = Assert.Single(problems, static p => p.Key.StartsWith("SmtpProxy:Fleet", StringComparison.Ordinal)).ToString();
        Assert.Contains("SmtpProxy:Fleet:TokenFile", problem, StringComparison.Ordinal);
        Assert.Contains("openssl rand -hex 32", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, problem, StringComparison.Ordinal);
        values["SmtpProxy:Admin:BearerToken"] = $"{Token}0";
        _ = SettingsReader.Read(values, out problems);
        Assert.DoesNotContain(problems, static p => p.Key.StartsWith("SmtpProxy:Fleet", StringComparison.Ordinal));
    }

    private FleetOptions Good(string redis) => new() { Redis = redis, KeyFile = File("key", "0123456789abcdef\n"), Node = "a" };

    private string File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
