using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

public sealed class ReloadTests
{
    [Fact]
    public async Task Reload_ALimit_AppliesToNewSessions_AndAWrongOneIsRefusedWithItsKey()
    {
        await using var proxy = await ProxyProcess.StartAsync(static folder => Write(folder, "\"MaxSessions\": 1"));
        var (first, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (first)
        {
            Assert.StartsWith("421 ", await GreetingAsync(proxy), StringComparison.Ordinal);

            Write(proxy.Folder, "\"MaxSessions\": 2");
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains("SmtpProxy:Limits:MaxSessions applies to new sessions", StringComparison.Ordinal));
            Assert.StartsWith("220 ", await GreetingAsync(proxy), StringComparison.Ordinal);

            Write(proxy.Folder, "\"MaxSessions\": -2");
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains("the last good one stays: SmtpProxy:Limits:MaxSessions: -2 is negative", StringComparison.Ordinal));
            Assert.StartsWith("220 ", await GreetingAsync(proxy), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Reload_AnUnreadableFileAndThenAListener_IsRefusedAndThenWaitsForARestart()
    {
        await using var proxy = await ProxyProcess.StartAsync(static folder => Write(folder, "\"MaxSessions\": 3"));
        await File.WriteAllTextAsync(Path.Combine(proxy.Folder, "appsettings.json"), "{ \"SmtpProxy\": ");
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("appsettings.json: line 1, column 16: the file ends too early", StringComparison.Ordinal));

        await File.WriteAllTextAsync(Path.Combine(proxy.Folder, "appsettings.json"),
            """{ "SmtpProxy": { "Journal": { "QueueLength": 77 } } }""");
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("SmtpProxy:Journal:QueueLength applies at restart", StringComparison.Ordinal));
        Assert.StartsWith("220 ", await GreetingAsync(proxy), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_WhateverBecomesOfTheFile_TheLastGoodConfigurationStaysWhole_AndTheNextGoodOneIsTaken()
    {
        await using var proxy = await ProxyProcess.StartAsync(static folder => Write(folder, "\"MaxSessions\": 1"), "--config",
            "appsettings.json");
        var file = Path.Combine(proxy.Folder, "appsettings.json");
        var (held, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (held)
        {
            var refused = 0;
            foreach (var (change, problem) in new (Action, string)[]
            {
                (() => File.WriteAllText(file, ""), "is empty"),
                (() => File.WriteAllText(file, """{ "SmtpProxy": { "Limits": { "MaxSessions": 2 }, """), "the file ends too early"),
                (() => File.Delete(file), "is gone; put it back"),
                (() => File.WriteAllText(file, """{ "SmtpProxy": { "Limits": { "MaxSessions": 2, "MaxSessions": 3 } } }"""),
                    "is there twice"),
                (() => File.WriteAllText(file,
                    """{ "SmtpProxy": { "Limits": { "MaxSessions": 2 } }, "Loging": { "LogLevel": { "Default": "Debug" } } }"""),
                    "did you mean Logging?"),
                (() => File.WriteAllText(file,
                    """{ "SmtpProxy": { "Limits": { "MaxSessions": 2 } }, "Logging": { "LogLevel": { "SmtpProxy": "Verbose" } } }"""),
                    "Logging:LogLevel:SmtpProxy: \"Verbose\" is not one of Trace, Debug"),
                (() => File.WriteAllText(file, """{ "SmtpProxy": { "Limits": { "MaxSessions": 2, "Drian": "00:00:01" } } }"""),
                    "did you mean Drain?"),
            })
            {
                change();
                await proxy.Errors.AwaitAsync(line => line.Contains("the last good one stays: ", StringComparison.Ordinal)
                    && line.Contains(problem, StringComparison.Ordinal));
                Assert.StartsWith("421 ", await GreetingAsync(proxy), StringComparison.Ordinal);
                refused++;
            }

            Write(proxy.Folder, "\"MaxSessions\": 1");
            await proxy.Errors.AwaitAsync(static line => line.Contains("good again, and as it was before", StringComparison.Ordinal));
            Write(proxy.Folder, "\"MaxSessions\": 2");
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains("SmtpProxy:Limits:MaxSessions applies to new sessions", StringComparison.Ordinal));
            Assert.StartsWith("220 ", await GreetingAsync(proxy), StringComparison.Ordinal);

            using var http = new HttpClient { BaseAddress = proxy.Admin };
            var metrics = await http.GetStringAsync("/metrics");
            Assert.Matches($$"""smtpproxy_config_reloads_total\{[^}]*"invalid_configuration"[^}]*\} ([{{refused}}-9]|[0-9]{2})""", metrics);
        }
    }

    /// <summary>Nobody writes to it, and reading it has no end.</summary>
    [Fact]
    public async Task Reload_APipeInPlaceOfTheFile_IsRefused_AndTheNextFileIsTaken()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var proxy = await ProxyProcess.StartAsync(static folder => Write(folder, "\"MaxSessions\": 1"));
        var file = Path.Combine(proxy.Folder, "appsettings.json");
        File.Delete(file);
        await Command.SucceedAsync("mkfifo", [file]);
        await proxy.Errors.AwaitAsync(static line => line.Contains("the last good one stays: ", StringComparison.Ordinal)
            && line.Contains("and it did not end; name a file", StringComparison.Ordinal));
        File.Delete(file);
        Write(proxy.Folder, "\"MaxSessions\": 2");
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("SmtpProxy:Limits:MaxSessions applies to new sessions", StringComparison.Ordinal));
    }

    /// <summary>As those who make builds that can be repeated have it: all files are of one time.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reload_AFileOfTheSameLengthAndTime_IsTaken(bool isAnother)
    {
        await using var proxy = await ProxyProcess.StartAsync(static folder =>
        {
            Write(folder, "\"MaxSessions\": 1");
            File.SetLastWriteTimeUtc(Path.Combine(folder, "appsettings.json"), DateTime.UnixEpoch);
        });
        var file = Path.Combine(proxy.Folder, "appsettings.json");
        var to = isAnother ? Directory.CreateDirectory(Path.Combine(proxy.Folder, "new")).FullName : proxy.Folder;
        Write(to, "\"MaxSessions\": 2");
        File.SetLastWriteTimeUtc(Path.Combine(to, "appsettings.json"), DateTime.UnixEpoch);
        File.Move(Path.Combine(to, "appsettings.json"), file, overwrite: true);
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("SmtpProxy:Limits:MaxSessions applies to new sessions", StringComparison.Ordinal));
    }

    /// <summary>They would stay with the relays from before, while all other settings are the new ones.</summary>
    [Theory]
    [InlineData("\"HealthCheck\": { \"Passive\": { \"ReactivationPeriod\": \"00:00:00\" } }",
        "ReverseProxy:Clusters:relays:HealthCheck:Passive:ReactivationPeriod: \"00:00:00\" is not above 00:00:00")]
    [InlineData("\"HealthCheck\": { \"Active\": { \"Enabled\": true, \"Interval\": \"10675199.00:00:00\" } }",
        "ReverseProxy:Clusters:relays:HealthCheck:Active:Interval: \"10675199.00:00:00\" is not above 00:00:00")]
    [InlineData("\"Destinations\": { \"\": { \"Address\": \"smtp://127.0.0.1:2\" } }",
        "ReverseProxy:Clusters:relays:Destinations:: a destination needs a name")]
    public async Task Reload_ClustersThatCannotLoad_AreRefused_WithAllThatIsBesideThem(string cluster, string problem)
    {
        await using var proxy = await ProxyProcess.StartAsync(static folder => Write(folder, "\"MaxSessions\": 1"));
        var file = Path.Combine(proxy.Folder, "appsettings.json");
        await File.WriteAllTextAsync(file, "{ \"SmtpProxy\": { \"Limits\": { \"MaxSessions\": 2 } }, \"ReverseProxy\": { \"Clusters\": { "
            + "\"relays\": { " + cluster + " } } } }");
        await proxy.Errors.AwaitAsync(line => line.Contains("the last good one stays: ", StringComparison.Ordinal)
            && line.Contains(problem, StringComparison.Ordinal));
        var (held, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (held)
        {
            Assert.StartsWith("421 ", await GreetingAsync(proxy), StringComparison.Ordinal);
        }
    }

    private static void Write(string folder, string limits) =>
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), "{ \"SmtpProxy\": { \"Limits\": { " + limits + " } } }");

    private static async Task<string> GreetingAsync(ProxyProcess proxy)
    {
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            // The session is over for the proxy too before another one is counted.
            if (greeting.StartsWith('2'))
            {
                await client.SayAsync("QUIT");
                Assert.Null(await client.ReplyAsync());
            }
        }

        return greeting;
    }
}
