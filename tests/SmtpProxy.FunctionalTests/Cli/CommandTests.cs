using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

public sealed class CommandTests
{
    [Fact]
    public async Task Version_IsTheNameAndTheNumber() =>
        Assert.Equal((0, "smtpproxy 0.1.0", ""), await ProxyProcess.RunAsync("--version"));

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    public async Task Help_TeachesOptionsRecipesAndSources(params string[] args)
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(args);
        Assert.Equal((0, ""), (code, errors));
        foreach (var word in new[] { "--listen", "--relay", "--proxy-protocol", "--xclient", "--admin", "--journal", "--addresses",
            "--SmtpProxy:Limits:Drain=", "Recipes", "Postfix", "jq", "appsettings.json", "SmtpProxy__" })
        {
            Assert.Contains(word, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Help_OfCheck_TeachesAskAndExitCodes()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync("check", "-h");
        Assert.Equal((0, ""), (code, errors));
        Assert.All((string[])["--ask", "--relay", "Exit codes", "\n  2  "],
            word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_OfTls_ShowsCertificates_OrWhatIsWrongWithThem()
    {
        using var made = new TestCertificates();
        var (good, other) = (made.Good(), made.Good());
        const string Tls = "--SmtpProxy:Listeners:inbound:Tls";
        var (code, output, errors) = await ProxyProcess.RunAsync(["check", $"{Tls}:Mode=StartTls", .. good.Arguments("inbound")]);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("  cert    0: localhost, 127.0.0.1, ::1; ECDSA 256; until 2", output, StringComparison.Ordinal);
        (code, _, errors) = await ProxyProcess.RunAsync("check", $"{Tls}:Mode=StartTls",
            $"{Tls}:Certificates:0:Certificate={good.Certificate}", $"{Tls}:Certificates:0:Key={other.Key}");
        Assert.Equal(1, code);
        Assert.Contains(
            $"SmtpProxy:Listeners:inbound:Tls:Certificates:0:Key: {other.Key} holds a private key that is not the certificate's", errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WhatIsShipped_SaysWhatWouldRun()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync("check");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("inbound 127.0.0.1:2525 -> relays (sink smtp://127.0.0.1:2526)", output, StringComparison.Ordinal);
        Assert.Contains("http      Admin http://127.0.0.1:9025", output, StringComparison.Ordinal);
        Assert.Contains("MAIL IS DISCARDED: cluster relays leads to the embedded sink", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WithOptions_ShowsThemAndNoSecret()
    {
        var environment = new Dictionary<string, string>
        {
            ["SmtpProxy__Listeners__inbound__Backlog"] = "9",
            ["SmtpProxy__Privacy__HashKey"] = "hunter2hunter2hunter2",
            ["SmtpProxy__Limits__Write"] = "00:01:00",
        };
        var (code, output, errors) = await ProxyProcess.RunAsync(environment,
            "check", "--listen", "127.0.0.1:25", "--listen", "[::1]:25", "--relay", "smtp://mx1", "--relay=smtp://mx2:2525", "--journal",
            "-", "--addresses", "hash",
            "--SmtpProxy:Limits:Drain", "00:00:05");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("inbound 127.0.0.1:25 -> relays (relay-1 smtp://mx1, relay-2 smtp://mx2:2525)", output, StringComparison.Ordinal);
        Assert.Contains("inbound-2 [::1]:25 -> relays", output, StringComparison.Ordinal);
        Assert.Contains("sink      off", output, StringComparison.Ordinal);
        Assert.Contains("journal   -", output, StringComparison.Ordinal);
        Assert.Contains("addresses hash", output, StringComparison.Ordinal);
        Assert.Contains("limits    Write=00:01:00, Drain=00:00:05", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--lisen is not a known option; did you mean --listen?", "--lisen", "127.0.0.1:25")]
    [InlineData("--relays is not a known option; did you mean --relay?", "check", "--relays=smtp://mx")]
    [InlineData("'chek' is not a known command; did you mean check?", "chek")]
    [InlineData("there is no command 'help'; write smtpproxy --help", "help")]
    [InlineData(
        "the command line cannot be used; see smtpproxy code --help:\n  smtpproxy code: write which CODE; smtpproxy code --help has " +
            "examples", "code")]
    [InlineData("see smtpproxy faults start --help:\n  smtpproxy faults start: write which PRESET;", "faults", "start")]
    [InlineData("see smtpproxy check --help:\n  --aks is not a known option; did you mean --ask?", "check", "--aks")]
    [InlineData("SmtpProxi is not a section of the configuration; did you mean SmtpProxy?", "--SmtpProxi:Limits:Drain=00:00:01")]
    [InlineData("--SmtpProxy:Limits:Drain: has no value", "check", "--SmtpProxy:Limits:Drain")]
    [InlineData("--journal", "--journal")]
    [InlineData("SmtpProxy:Listeners:inbound:Address: 'mx:25' does not begin with an IP address", "--listen", "mx:25")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations:relay-1:Address: ", "--relay", "mx:25")]
    [InlineData("SmtpProxy:Privacy:Addresses: 'some' is not one of none, domain, hash, full", "check", "--addresses", "some")]
    [InlineData("Kestrel:Endpoints:Admin:Url: 'here' is not http://", "--admin", "here")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations: no relay is configured; write --relay smtp://HOST",
        "--SmtpProxy:Sink:Enabled=false")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations:sink:Address: smtp://localhost:2526 is the embedded sink", "check",
        "--ReverseProxy:Clusters:relays:Destinations:sink:Address=smtp://localhost:2526",
        "--ReverseProxy:Clusters:relays:Destinations:mx:Address=smtp://mx")]
    [InlineData("ReverseProxy:Clusters:relays:Metadata:Smtp.ProxyProtocol: \"3\" is not one of None, V1, V2", "check", "--relay",
        "smtp://mx", "--proxy-protocol", "3")]
    [InlineData("SmtpProxy:Journal:Path: ", "--journal", "/no/such/folder/journal.jsonl")]
    [InlineData("SmtpProxy:Limits:Drian is not a known setting; did you mean Drain?", "--SmtpProxy:Limits:Drian=00:00:01")]
    public async Task Command_ThatCannotRun_IsRefusedWithOneLineThatSaysWhy(string problem, params string[] args)
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(args);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(problem, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_ManyThingsWrong_TellsAllOfThemAtOnce()
    {
        var environment = new Dictionary<string, string>
        {
            ["SmtpProxy__Listeners__inbound__Adress"] = "x",
            ["SmtpProxy__Limits__Greeting"] = "5 minutes",
            ["SMTPPROXY__ADMIN__BEARERTOKN"] = "hunter2",
            ["SMTPPROXY_TOEKN"] = "hunter2",
        };
        var (code, _, errors) = await ProxyProcess.RunAsync(environment, "--SmtpProxy:Faults:Enabled=true");
        Assert.Equal(1, code);
        Assert.Contains("SmtpProxy:Listeners:inbound:Adress is not a known setting; did you mean Address?", errors,
            StringComparison.Ordinal);
        Assert.Contains("SmtpProxy:Limits:Greeting: \"5 minutes\" is not a time span; write hours:minutes:seconds, such as 00:05:00",
            errors, StringComparison.Ordinal);
        Assert.Contains("SmtpProxy:Faults:Enabled: faults are not allowed in the environment", errors, StringComparison.Ordinal);
        Assert.Contains("SmtpProxy:Admin:BEARERTOKN is not a known setting; did you mean BearerToken?", errors, StringComparison.Ordinal);
        Assert.Contains("SMTPPROXY_TOEKN: is not read; did you mean SMTPPROXY_TOKEN?", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_WithListen_LeavesNothingOfTheConfiguredListeners()
    {
        var environment = new Dictionary<string, string>
            { ["SmtpProxy__Listeners__other__Address"] = "wrong", ["SmtpProxy__Listeners__inbound__Backlog"] = "wrong" };
        var (code, output, errors) = await ProxyProcess.RunAsync(environment, "check", "--listen", "127.0.0.1:26");
        Assert.Equal((0, ""), (code, errors));
        Assert.DoesNotContain("other", output, StringComparison.Ordinal);
    }
}
