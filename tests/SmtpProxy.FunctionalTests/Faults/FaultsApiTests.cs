using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>Faults as their users have them: armed over HTTP, felt by a client, told by the API, the journal and the metrics.</summary>
public sealed class FaultsApiTests
{
    private const string TwoThenOk =
        "{'ttl':'00:02:00','at':'rcpt','match':{'rcptTo':['alice@example.test']},'occurrence':{'first':2,'scope':'envelope'}," +
            "'action':{'type':'reply','code':451,'enhanced':'4.3.0','text':['Try later']}}";

    [Fact]
    public async Task Rule_OverHttp_StrikesTwiceAndIsToldEverywhere()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        Assert.Equal(200, (await proxy.AskAsync("PUT", "rules/two-then-ok", TwoThenOk)).Status);

        var ask = await proxy.ClientAsync();
        Assert.StartsWith("250", await ask("MAIL FROM:<bob@example.test>"), StringComparison.Ordinal);
        Assert.Equal("451 4.3.0 Try later", await ask("RCPT TO:<alice@example.test>"));
        Assert.StartsWith("250", await ask("RCPT TO:<carol@example.test>"), StringComparison.Ordinal);
        Assert.Equal("451 4.3.0 Try later", await ask("RCPT TO:<alice@example.test>"));
        Assert.StartsWith("250", await ask("RCPT TO:<alice@example.test>"), StringComparison.Ordinal);
        Assert.StartsWith("221", await ask("QUIT"), StringComparison.Ordinal);

        var injections = await proxy.InjectionsAsync(2);
        var session = (await proxy.Process.JournalAsync(1))[0];
        Assert.All(injections, injection =>
        {
            Assert.Equal("two-then-ok rcpt reply notDelivered",
                string.Join(' ', ((string[])["rule", "point", "action", "effect"]).Select(n => injection.GetProperty(n).GetString())));
            Assert.Equal((451, session.GetProperty("session").GetString()),
                (injection.GetProperty("clientCode").GetInt32(), injection.GetProperty("session").GetString()));
        });
        Assert.Equal(2, session.GetProperty("faults").GetArrayLength());
        var metrics = await Metrics.ReadAsync(proxy.Process);
        Assert.Equal(2, metrics.Sum("smtpproxy_faults_injected_total", ("smtpproxy_fault_rule", "two-then-ok")));
    }

    /// <summary>What is left of all transactions without the faulted ones is mail that nothing was done to,
    /// whichever way a fault strikes.</summary>
    [Theory]
    [InlineData("{'ttl':'00:02:00','at':'rcpt','match':{'rcptTo':['alice@example.test']},'action':{'type':'reply','code':451}}",
        "tempfail")]
    [InlineData(
        "{'ttl':'00:02:00','at':'endOfData','match':{'rcptTo':['alice@example.test']},'action':{'type':'delay','duration':'00:00:00.020'}}",
        "accepted")]
    [InlineData("{'ttl':'00:02:00','at':'data','match':{'rcptTo':['alice@example.test']},'action':{'type':'reply','code':550}}",
        "permfail")]
    [InlineData("{'ttl':'00:02:00','at':'endOfData','match':{'rcptTo':['alice@example.test']},'action':{'type':'ackLoss'}}", "aborted")]
    [InlineData("{'ttl':'00:02:00','at':'data','match':{'rcptTo':['alice@example.test']},'action':{'type':'close','how':'reset'}}",
        "aborted")]
    public async Task Transaction_ThatAFaultStruck_IsCountedApart(string rule, string outcome)
    {
        await using var proxy = await FaultedProxy.StartAsync("--SmtpProxy:Faults:AllowDuplicateRisk=true");
        var (status, problem) = await proxy.AskAsync("PUT", "rules/it", rule);
        Assert.True(status == 200, problem.ToString());
        foreach (var recipient in (string[])["carol", "alice", "carol"])
        {
            using var client = await MailSender.ConnectAsync(proxy.Process.Listener());
            await client.TrySayAsync("EHLO c", "MAIL FROM:<bob@example.test>", $"RCPT TO:<{recipient}@example.test>", "DATA", "hi\r\n.",
                "QUIT");
        }

        await proxy.Process.JournalAsync(3);
        var metrics = await Metrics.ReadAsync(proxy.Process);
        Assert.Equal(3, metrics.Sum("smtpproxy_transactions_total"));
        Assert.Equal(1, metrics.Sum("smtpproxy_transactions_faulted_total"));
        Assert.Equal(1, metrics.Sum("smtpproxy_transactions_faulted_total", ("smtpproxy_outcome", outcome)));
    }

    [Fact]
    public async Task Halt_WhileAReplyIsHeld_ReleasesItAtOnce()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        await proxy.AskAsync("PUT", "rules/slow", "{'ttl':'00:10:00','at':'noop','action':{'type':'delay','duration':'00:04:00'}}");
        var ask = await proxy.ClientAsync();
        var held = ask("NOOP");
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while ((await proxy.AskAsync("GET", "status")).Body.GetProperty("activeFaults").GetInt32() == 0)
        {
            await Task.Delay(20, patience.Token);
        }

        Assert.False(held.IsCompleted);
        var (status, halted) = await proxy.AskAsync("POST", "halt", "{'reason':'enough'}");
        Assert.Equal((200, "enough"), (status, halted.GetProperty("halted").GetProperty("reason").GetString()));
        Assert.StartsWith("250", await held, StringComparison.Ordinal);
        Assert.True((await proxy.InjectionsAsync(1))[0].GetProperty("released").GetBoolean());
        Assert.StartsWith("250", await ask("NOOP"), StringComparison.Ordinal);
        Assert.Equal(200, (await proxy.AskAsync("POST", "resume")).Status);
    }

    [Fact]
    public async Task Preset_StartedAndStopped_StrikesWhileItRuns()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        var (status, run) = await proxy.AskAsync("POST", "scenarios/partial-recipients/start", "{'ttl':'00:01:00'}");
        Assert.Equal(201, status);
        var ask = await proxy.ClientAsync();
        await ask("MAIL FROM:<bob@example.test>");
        Assert.Equal(["250", "550", "250"],
            [Code(await ask("RCPT TO:<a@x.test>")), Code(await ask("RCPT TO:<b@x.test>")), Code(await ask("RCPT TO:<c@x.test>"))]);
        Assert.Equal(200, (await proxy.AskAsync("DELETE", $"scenarios/{run.GetProperty("runId").GetString()}")).Status);
        Assert.Equal("250", Code(await ask("RCPT TO:<d@x.test>")));
    }

    [Fact]
    public async Task Rule_ThatCannotWork_Is422AndSaysWhy()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        var (status, problem) = await proxy.AskAsync("PUT", "rules/lost",
            "{'ttl':'00:01:00','at':'endOfData','action':{'type':'ackLoss'}}");
        Assert.Equal(422, status);
        Assert.Contains("SmtpProxy:Faults:AllowDuplicateRisk", problem.GetProperty("errors")[0].GetProperty("text").GetString(),
            StringComparison.Ordinal);
        var (_, explained) = await proxy.AskAsync("POST", "explain", "{'mailFrom':'a@x.test'}");
        Assert.Equal(0, explained.GetArrayLength());
    }

    [Fact]
    public async Task Enabled_InProduction_RefusesToStartAndNamesTheSetting()
    {
        var (code, _, errors) = await ProxyProcess.RunAsync(
            new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Production" },
            "--listen", "127.0.0.1:0", "--relay", "smtp://127.0.0.1:1", "--admin", "http://127.0.0.1:0", "--SmtpProxy:Faults:Enabled=true");
        Assert.Equal(1, code);
        Assert.Contains("SmtpProxy:Faults:AllowUnsafeEnvironment", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RuleOfTheConfiguration_ThatCannotWork_RefusesToStartWithItsKey()
    {
        var (code, _, errors) = await ProxyProcess.RunAsync(
            new Dictionary<string, string>
                { ["DOTNET_ENVIRONMENT"] = "Test", ["SmtpProxy__Faults__Rules__drip__At"] = "rcpt",
                    ["SmtpProxy__Faults__Rules__drip__Action__Type"] = "ackLoss" },
            "--listen", "127.0.0.1:0", "--relay", "smtp://127.0.0.1:1", "--admin", "http://127.0.0.1:0", "--SmtpProxy:Faults:Enabled=true");
        Assert.Equal(1, code);
        Assert.Contains("SmtpProxy:Faults:Rules:drip:At: ackLoss cannot strike at rcpt; it can at endOfData", errors,
            StringComparison.Ordinal);
    }

    private static string Code(string reply) => reply.Length < 3 ? "" : reply[..3];
}
