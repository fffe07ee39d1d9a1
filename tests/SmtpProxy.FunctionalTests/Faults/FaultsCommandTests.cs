using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary><c>smtpproxy faults</c>, as it is typed: a process of its own against a proxy that runs.</summary>
public sealed class FaultsCommandTests
{
    [Fact]
    public async Task Preset_FromStartToStop_IsListedExplainedAndEnded()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        Assert.Equal("no fault is armed", (await GoodAsync(proxy, "list"))[0]);

        var started = await GoodAsync(proxy, "start", "partial-recipients", "--ttl", "90s", "--match", "rcptTo=*@partner.example", "--set",
            "code=553");
        Assert.Equal(["started partial-recipients-1: partial-recipients",
            "it ends by itself after 00:01:30; end it early with: smtpproxy faults stop partial-recipients-1"], started);

        var listed = await GoodAsync(proxy);
        Assert.Equal("faults are ARMED", listed[0]);
        Assert.Matches(
            @"^  partial-recipients +armed  reply at rcpt \(notDelivered\), injected 0, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \[api\]$",
            listed[2]);

        // Every second recipient of a connection: an imagined session has but one, so only which rule is asked, and why it does not strike.
        Assert.Equal(["rcpt", "  partial-recipients           no reply: such a session does not match"],
            await GoodAsync(proxy, "explain", "rcptTo=a@other.example"));
        Assert.Equal(["rcpt", "  partial-recipients           no reply: not this occasion"],
            await GoodAsync(proxy, "explain", "mailFrom=me@x.test", "rcptTo=a@partner.example", "client=192.0.2.7"));

        var ask = await proxy.ClientAsync();
        await ask("MAIL FROM:<me@x.test>");
        await ask("RCPT TO:<a@partner.example>");
        Assert.StartsWith("553", await ask("RCPT TO:<b@partner.example>"), StringComparison.Ordinal);

        using var status = JsonDocument.Parse(string.Join('\n', await GoodAsync(proxy, "list", "--json")));
        Assert.Equal(1, status.RootElement.GetProperty("rules")[0].GetProperty("injected").GetInt32());
        Assert.Equal(["stopped"], await GoodAsync(proxy, "stop", "partial-recipients-1"));
        Assert.Equal(["there is no rule for any point of a session"], await GoodAsync(proxy, "explain"));
        Assert.Contains("There is no \"partial-recipients-1\"; there are no rules.",
            await RefusedAsync(proxy, "stop", "partial-recipients-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Halt_OfAHeldSession_ReleasesItUntilResume()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        var ask = await proxy.ClientAsync();
        await GoodAsync(proxy, "start", "queue-full", "--scale", "5");
        Assert.Equal(["mail", "  queue-full                   STRIKES with reply: it matches, and this is its occasion"],
            await GoodAsync(proxy, "explain"));
        await proxy.AskAsync("PUT", "rules/slow", "{'ttl':'00:10:00','at':'noop','action':{'type':'delay','duration':'00:04:00'}}");
        var held = ask("NOOP");
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while ((await proxy.AskAsync("GET", "status")).Body.GetProperty("activeFaults").GetInt32() == 0)
        {
            await Task.Delay(20, patience.Token);
        }

        Assert.False(held.IsCompleted);
        Assert.Matches(@"^faults are HALTED by api since .{20}: that was enough$", (await GoodAsync(proxy, "halt", "that was enough"))[0]);
        Assert.StartsWith("250", await held, StringComparison.Ordinal);
        Assert.Equal(
            ["mail", "  queue-full                   no reply: faults are halted; smtpproxy faults resume lets them strike again"],
            (await GoodAsync(proxy, "explain"))[..2]);
        Assert.StartsWith("250", await ask("MAIL FROM:<a@x.test>"), StringComparison.Ordinal);

        Assert.Equal("faults are ARMED", (await GoodAsync(proxy, "resume"))[0]);
        await ask("RSET");
        Assert.StartsWith("452", await ask("MAIL FROM:<a@x.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_AreRefusedWithWhatWouldBeRight()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        Assert.Contains("There is no preset \"slow-baner\"; there are slow-banner, banner-drip,",
            await RefusedAsync(proxy, "start", "slow-baner"), StringComparison.Ordinal);
        Assert.Contains("set SmtpProxy:Faults:AllowDuplicateRisk to true to allow that", await RefusedAsync(proxy, "start", "ack-lost"),
            StringComparison.Ordinal);
        Assert.Contains("--scale x: write a number; 0.1 makes every time a tenth",
            await RefusedAsync(proxy, "start", "greylist", "--scale", "x"), StringComparison.Ordinal);
        Assert.Contains("rcpTo is not known here; known are listener, cluster,", await RefusedAsync(proxy, "explain", "rcpTo=a@x.test"),
            StringComparison.Ordinal);
        var (status, problem) = await proxy.AskAsync("POST", "explain", "{'client':'here'}");
        Assert.Equal((422, "\"here\" is not an address such as 192.0.2.7"),
            (status, problem.GetProperty("errors")[0].GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Proxy_ThatIsNotThereOrWantsMore_IsToldWithTheRemedy()
    {
        const string Token = "a-token-of-at-least-16";
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Admin:BearerToken={Token}");
        string[] admin = ["faults", "--admin", $"{proxy.Admin}"];
        var withToken = new Dictionary<string, string> { ["SMTPPROXY_TOKEN"] = Token };

        var (code, output, errors) = await ProxyProcess.RunAsync([.. admin, "list"]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("set SMTPPROXY_TOKEN to the value of SmtpProxy:Admin:BearerToken", errors, StringComparison.Ordinal);

        (code, output, errors) = await ProxyProcess.RunAsync(new Dictionary<string, string> { ["SMTPPROXY_TOKKEN"] = Token },
            [.. admin, "list"]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("the environment variable SMTPPROXY_TOKKEN is not read; did you mean SMTPPROXY_TOKEN?", errors,
            StringComparison.Ordinal);
        Assert.DoesNotContain(Token, errors, StringComparison.Ordinal);

        (code, output, errors) = await ProxyProcess.RunAsync(withToken, [.. admin, "list"]);
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith("faults are not enabled in this proxy; start it with --SmtpProxy:Faults:Enabled=true", output,
            StringComparison.Ordinal);
        Assert.Single(output.TrimEnd().Split('\n'));

        foreach (var command in (string[][])[["start", "greylist"], ["explain", "mailFrom=a@x.test"]])
        {
            (code, output, errors) = await ProxyProcess.RunAsync(withToken, [.. admin, .. command]);
            Assert.Equal((1, ""), (code, output));
            Assert.Contains("--SmtpProxy:Faults:Enabled=true in an allowed environment (DOTNET_ENVIRONMENT=Staging, for example)", errors,
                StringComparison.OrdinalIgnoreCase);
        }

        (code, _, errors) = await ProxyProcess.RunAsync("faults", "list", "--admin", "http://127.0.0.1:1");
        Assert.Equal(1, code);
        Assert.Matches("no proxy answers at http://127.0.0.1:1/: .*; name the admin address of a proxy that runs with --admin URL", errors);
        (code, _, errors) = await ProxyProcess.RunAsync("faults", "list", "--admin", "localhost");
        Assert.Equal(1, code);
        Assert.Contains("--admin localhost: write the admin address of a proxy that runs, such as http://127.0.0.1:9025", errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_OfEveryCommand_TeachesAllOfThem()
    {
        var (code, help, _) = await ProxyProcess.RunAsync("faults", "start", "--help");
        Assert.Equal(0, code);
        Assert.All(
            (string[])["list --presets", "start PRESET", "stop RUN", "halt [REASON]", "resume", "explain [MEMBER", "--admin", "--json",
                "--ttl", "--scale", "--match", "--set", "SMTPPROXY_TOKEN", "Exit codes"],
            word => Assert.Contains(word, help, StringComparison.Ordinal));
    }

    private static async Task<string[]> GoodAsync(FaultedProxy proxy, params string[] command)
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(["faults", .. command, "--admin", $"{proxy.Process.Admin}"]);
        Assert.Equal((0, ""), (code, errors));
        return output.Split('\n');
    }

    private static async Task<string> RefusedAsync(FaultedProxy proxy, params string[] command)
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(["faults", .. command, "--admin", $"{proxy.Process.Admin}"]);
        Assert.Equal((1, ""), (code, output));
        return errors;
    }
}
