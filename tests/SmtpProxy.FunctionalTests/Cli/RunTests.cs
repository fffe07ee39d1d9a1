using System.Net;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

public sealed class RunTests
{
    [Fact]
    public async Task Run_AMailThroughTheSink_IsAcceptedJournaledAndCounted()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync("--addresses", "full");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            await client.SayAsync("EHLO client.example");
            Assert.StartsWith("250 ", await client.MailAsync(), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var session = Assert.Single(await proxy.JournalAsync(1));
        Assert.Equal("inbound", session.GetProperty("listener").GetString());
        Assert.Equal("sink", session.GetProperty("destination").GetString());
        Assert.Equal(proxy.Sink.ToString(), session.GetProperty("relay").GetString());
        var transaction = Assert.Single(session.GetProperty("transactions").EnumerateArray());
        Assert.Equal("me@example.org", transaction.GetProperty("from").GetString());
        Assert.Equal("delivered", transaction.GetProperty("outcome").GetString());

        using var http = new HttpClient { BaseAddress = proxy.Admin };
        Assert.Contains("smtpproxy_transactions_total", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhenTheLinesAreThere_IsReadyAndNothingElseIsOnStandardOutput()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync("--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        using var ready = await http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(
            [$"admin {proxy.Admin.ToString().TrimEnd('/')}", $"sink smtp {proxy.Sink}", $"listening inbound {proxy.Listener()} -> relays",
                $"listening inbound-2 {proxy.Listener("inbound-2")} -> relays"],
            proxy.Output.SoFar);
    }

    [Fact]
    public async Task Run_WithARelay_GoesThereAndHasNoSink()
    {
        await using var relay = await ProxyProcess.StartAsync();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{relay.Listener()}");
        Assert.DoesNotContain(proxy.Output.SoFar, static line => line.StartsWith("sink", StringComparison.Ordinal));
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("QUIT");
        }

        var session = Assert.Single(await proxy.JournalAsync(1));
        Assert.Equal("relay-1", session.GetProperty("destination").GetString());
        Assert.Equal(relay.Listener().ToString(), session.GetProperty("relay").GetString());
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("URLS")]
    [InlineData("ASPNETCORE_HTTP_PORTS")]
    [InlineData("HTTP_PORTS")]
    public async Task Run_WithVariablesOfWebServers_OpensNoOtherPort(string variable)
    {
        var value = variable.EndsWith("URLS", StringComparison.Ordinal) ? "http://127.0.0.1:1" : "1";
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, new Dictionary<string, string> { [variable] = value },
            "--listen", "127.0.0.1:0");
        Assert.Single(proxy.Output.SoFar, static line => line.StartsWith("admin ", StringComparison.Ordinal));
        Assert.NotEqual(1, proxy.Admin.Port);
    }

    [Theory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Run_OnEachTransport_RelaysMail(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}");
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.example");
            Assert.StartsWith("250 ", await client.MailAsync(), StringComparison.Ordinal);
            await client.SayAsync("QUIT");
        }

        Assert.Equal(JsonValueKind.Null, Assert.Single(await proxy.JournalAsync(1)).GetProperty("transactions")[0]
            .GetProperty("from").ValueKind);
    }

    [Fact]
    public async Task Run_AnAddressInUse_IsRefusedWithTheKeyTheAddressAndTheRemedy()
    {
        await using var first = await ProxyProcess.StartAsync();
        var taken = first.Listener().ToString();
        var (code, output, errors) = await ProxyProcess.RunAsync("--listen", taken, "--relay", "smtp://127.0.0.1:1", "--admin",
            "http://127.0.0.1:0");
        Assert.Equal(1, code);
        Assert.Contains($"SmtpProxy:Listeners:inbound:Address: Cannot listen on {taken}", errors, StringComparison.Ordinal);
        Assert.Contains("write another address or port", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("listening", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TheSinksAddressInUse_IsRefusedWithTheKey()
    {
        await using var first = await ProxyProcess.StartAsync();
        var (code, _, errors) = await ProxyProcess.RunAsync("--listen", "127.0.0.1:0", "--admin", "http://127.0.0.1:0",
            $"--SmtpProxy:Sink:Address={first.Sink}");
        Assert.Equal(1, code);
        Assert.Contains($"SmtpProxy:Sink:Address: Cannot listen on {first.Sink}", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TheAdminAddressInUse_IsRefusedInOneLine()
    {
        await using var first = await ProxyProcess.StartAsync();
        var (code, _, errors) = await ProxyProcess.RunAsync("--listen", "127.0.0.1:0", "--relay", "smtp://127.0.0.1:1", "--admin",
            first.Admin.ToString());
        Assert.Equal(1, code);
        Assert.Contains($"Kestrel:Endpoints:Admin:Url: cannot listen on {first.Admin}: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
