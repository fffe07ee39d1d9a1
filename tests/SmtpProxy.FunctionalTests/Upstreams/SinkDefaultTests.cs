using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>Where relays are configured, by whatever source, none of the mail goes to the embedded sink,
/// whatever becomes of the relays.</summary>
public sealed partial class SinkDefaultTests
{
    private const int Mails = 60;
    private const string Destinations = "ReverseProxy__Clusters__relays__Destinations";
    private static readonly Dictionary<string, string> Nothing = [];

    [Theory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task SixtyMails_ByTheDocumentedFileOfSeveralRelays_ReachTheRelaysAndNoSink(string transport)
    {
        await using var park = new RelayPark();
        await using var proxy = await ProxyProcess.StartPlainAsync(park.WriteDocumented, Nothing, $"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Listeners:inbound:ProxyProtocol=Required", "--SmtpProxy:Listeners:inbound:ProxyProtocolFrom=127.0.0.0/8",
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0");
        Assert.Equal(Mails, await SendAsync(proxy, isAnnounced: true));
        await AssertNoSinkAsync(proxy);
    }

    [Fact]
    public async Task SixtyMails_ByOneRelayOfTheEnvironment_ReachItAndNoSink()
    {
        await using var relay = new PoolRelay("mx1");
        await using var proxy = await ProxyProcess.StartPlainAsync(static _ => { },
            new Dictionary<string, string> { [$"{Destinations}__mx1__Address"] = relay.Address });
        Assert.Equal(Mails, await SendAsync(proxy));
        await AssertNoSinkAsync(proxy);
    }

    [Fact]
    public async Task SixtyMails_WhenEveryRelayIsDead_AreAllDeferred()
    {
        await using var park = new RelayPark();
        await using var proxy = await ProxyProcess.StartPlainAsync(park.WriteDocumented, Nothing);
        await park.KillAsync();
        Assert.Equal(0, await SendAsync(proxy));
        await AssertNoSinkAsync(proxy);
    }

    [Fact]
    public async Task Reload_TheLastRelayIsRemoved_IsRefusedAndItStays()
    {
        await using var relay = new PoolRelay("mx1");
        await using var proxy = await ProxyProcess.StartPlainAsync(folder =>
            Write(folder, $$""" "mx1": { "Address": "{{relay.Address}}" } """), Nothing);
        await File.WriteAllTextAsync(Path.Combine(proxy.Folder, "appsettings.json"), "{}");
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("the last good one stays: ReverseProxy:Clusters:relays:Destinations: no relay is configured",
                StringComparison.Ordinal));
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.Equal("220 mx1 ready", greeting);
            Assert.Equal("250 mx1", await client.MailAsync());
        }
    }

    [Fact]
    public async Task Reload_TheSinkBesideARelay_IsRefusedWithBothKeys()
    {
        await using var relay = new PoolRelay("mx1");
        var mx1 = $$""" "mx1": { "Address": "{{relay.Address}}" } """;
        await using var proxy = await ProxyProcess.StartPlainAsync(folder => Write(folder, mx1), Nothing);
        Write(proxy.Folder, mx1 + """, "sink": { "Address": "smtp://localhost:2526" } """);
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains(
                "the last good one stays: ReverseProxy:Clusters:relays:Destinations:sink:Address: smtp://localhost:2526 is the embedded " +
                    "sink", StringComparison.Ordinal)
            && line.Contains("ReverseProxy:Clusters:relays:Destinations:mx1:Address", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("*:0")]
    public async Task Run_WithNoRelayAndAListenerForOtherMachines_IsRefusedWithTheWaysOut(string address)
    {
        // As the image has it, and as the command line has it.
        var environment = new Dictionary<string, string> { ["SmtpProxy__Listeners__inbound__Address"] = address };
        foreach (var (code, output, errors) in new[]
        {
            await ProxyProcess.RunAsync(environment, "--admin", "http://127.0.0.1:0"),
                await ProxyProcess.RunAsync("--listen", address, "--admin", "http://127.0.0.1:0"),
            await ProxyProcess.RunAsync("check", "--listen", address),
        })
        {
            Assert.Equal((1, ""), (code, output));
            Assert.Contains("SmtpProxy:Listeners:inbound:Address: clients on other machines can reach", errors, StringComparison.Ordinal);
            Assert.Contains("--relay smtp://HOST", errors, StringComparison.Ordinal);
            Assert.Contains("SmtpProxy:Sink:AcceptPublic=true", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_WithNothingConfigured_DiscardsMailAndSaysSoEverywhere()
    {
        // Nothing but a port of its own for the sink.
        await using var other = await ProxyProcess.StartAsync();
        var sink = new System.Net.IPEndPoint(other.Sink.Address, other.Sink.Port + 10_000);
        await using var proxy = await ProxyProcess.StartPlainAsync(static _ => { }, Nothing, $"--SmtpProxy:Sink:Address={sink}");
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("MAIL IS DISCARDED: cluster relays leads to the embedded sink", StringComparison.Ordinal));
        Assert.Equal([$"admin {proxy.Admin.ToString().TrimEnd('/')}", $"sink smtp {sink}",
            $"listening inbound {proxy.Listener()} -> relays"], proxy.Output.SoFar);
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.example");
            Assert.StartsWith("250 ", await client.MailAsync(), StringComparison.Ordinal);
        }

        using var http = new HttpClient { BaseAddress = proxy.Admin };
        Assert.Contains("MAIL IS DISCARDED: cluster relays", await http.GetStringAsync("/api/v1/setup"), StringComparison.Ordinal);
        Assert.Contains("""smtpproxy_upstream_discards{smtpproxy_cluster="relays",smtpproxy_destination="sink"} 1""",
            await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.True(JsonElement.Parse(await http.GetStringAsync("/api/v1/upstreams"))[0].GetProperty("discards").GetBoolean());
    }

    [Fact]
    public async Task Reload_ARelayInTheSinksPlace_TakesTheMail()
    {
        await using var other = await ProxyProcess.StartAsync();
        await using var relay = new PoolRelay("mx1");
        var sink = new System.Net.IPEndPoint(other.Sink.Address, other.Sink.Port + 10_000);
        await using var proxy = await ProxyProcess.StartPlainAsync(static folder =>
            File.WriteAllText(Path.Combine(folder, "appsettings.json"), "{}"), Nothing, $"--SmtpProxy:Sink:Address={sink}");
        Write(proxy.Folder, $$""" "mx1": { "Address": "{{relay.Address}}" } """);
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("Destinations:mx1:Address applies to new sessions", StringComparison.Ordinal));
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        client.Dispose();
        Assert.Equal("220 mx1 ready", greeting);
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        Assert.DoesNotContain("MAIL IS DISCARDED", await http.GetStringAsync("/api/v1/setup"), StringComparison.Ordinal);
    }

    /// <summary>Sends the mails, each from an address of its own where it is announced; how many were accepted.</summary>
    private static async Task<int> SendAsync(ProxyProcess proxy, bool isAnnounced = false)
    {
        var accepted = 0;
        for (var n = 0; n < Mails; n++)
        {
            var header = isAnnounced ? string.Create(CultureInfo.InvariantCulture,
                $"PROXY TCP4 192.0.2.{n + 1} 192.0.2.100 {40_000 + n} 25\r\n") : "";
            var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener(), System.Text.Encoding.ASCII.GetBytes(header));
            using (client)
            {
                if (greeting.StartsWith("220 ", StringComparison.Ordinal))
                {
                    accepted += (await client.MailAsync())!.StartsWith("250 ", StringComparison.Ordinal) ? 1 : 0;
                    await client.SayAsync("QUIT");
                }
            }
        }

        return accepted;
    }

    private static async Task AssertNoSinkAsync(ProxyProcess proxy)
    {
        Assert.DoesNotContain(await proxy.JournalAsync(Mails), static session => session.GetProperty("destination").GetString() == "sink");
        Assert.DoesNotContain(proxy.Output.SoFar, static line => line.StartsWith("sink ", StringComparison.Ordinal));
    }

    private static void Write(string folder, string destinations) =>
        File.WriteAllText(Path.Combine(folder, "appsettings.json"),
            $$$"""{ "ReverseProxy": { "Clusters": { "relays": { "Destinations": { {{{destinations}}} } } } } }""");

    /// <summary>The relays of the documented file.</summary>
    private sealed partial class RelayPark : IAsyncDisposable
    {
        private readonly PoolRelay[] _relays = [new("mx1"), new("mx2"), new("far")];

        /// <summary>Writes the file of docs/deployment.md, with addresses where the relays are.</summary>
        public void WriteDocumented(string folder)
        {
            var page = File.ReadAllText(Path.Combine(SourceFolder.Root, "docs", "deployment.md"));
            var text = Snippet().Match(page).Groups[1].Value;
            foreach (var (relay, address) in _relays.Zip((string[])["smtp://mx1.example.org", "smtp://mx2.example.org",
                "smtp://mx.elsewhere.example"]))
            {
                Assert.Contains(address, text, StringComparison.Ordinal);
                text = text.Replace(address, relay.Address, StringComparison.Ordinal);
            }

            File.WriteAllText(Path.Combine(folder, "appsettings.json"), text);
        }

        public Task KillAsync() => Task.WhenAll(_relays.Select(static r => r.KillAsync()));

        public async ValueTask DisposeAsync()
        {
            foreach (var relay in _relays)
            {
                await relay.DisposeAsync();
            }
        }

        [GeneratedRegex("^## Several relays\n```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
        private static partial Regex Snippet();
    }
}
