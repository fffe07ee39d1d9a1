using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>TLS and XCLIENT that are required of a relay, against relays that are not as they must be: no octet
/// of a client gets there.</summary>
public sealed class RequiredOfRelaysTests : IDisposable
{
    private const string Relays = "--ReverseProxy:Clusters:relays";
    private const string Greeting = "220 mx\r\n";
    private const string Offers = "250-mx\r\n250-STARTTLS\r\n250 XCLIENT ADDR NAME\r\n";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll", "Smtp.Tls=Required")]
    [InlineData("portable", "Smtp.Tls=Required")]
    [InlineData("epoll", "Smtp.XClient=true")]
    [InlineData("portable", "Smtp.XClient=true")]
    public async Task Greeting_ThatIsNotOneReply_LeavesTheRelayForTheNext(string transport, string required)
    {
        ArgumentNullException.ThrowIfNull(required);
        await ServedByTheLastAsync(
            transport,
            [.. new[] { "220 mx\r\n250 x\r\n", "250 mx\r\n", "hello\r\n220 mx\r\n", $"220 {new string('x', 20_000)}\r\n",
                "220-a\r\n250 b\r\n\r\n", "\u0016\u0003\u0001\r\n", "22", "" }
                .SelectMany(static odd => (string[][])[[odd], [odd, SteppedRelay.Fin], [odd, SteppedRelay.Reset]])],
            Good(required.StartsWith("Smtp.Tls", StringComparison.Ordinal)), required);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Relay_GoneOrSilentAtAnyStep_IsLeftForTheNext_AndHearsNothingOfTheClient(string transport)
    {
        string[] all = [Greeting, SteppedRelay.Line, Offers, SteppedRelay.Line, "220 go\r\n", SteppedRelay.Shake, SteppedRelay.Line, Offers,
            SteppedRelay.Line];
        string[] ends = [SteppedRelay.Fin, SteppedRelay.Reset, "", "garbage\r\n", "250-a\r\n"];
        var record = await ServedByTheLastAsync(
            transport, [.. new[] { 0, 2, 4, 5, 7, 9 }.SelectMany(steps => ends.Select(end => (string[])[.. all[..steps], end]))],
            Good(isTls: true, isIntroduced: true), "Smtp.Tls=Required", "Smtp.XClient=true");
        Assert.Equal(("1.3", 220), (record.GetProperty("tls_relay").GetProperty("version").GetString(),
            record.GetProperty("xclient").GetProperty("code").GetInt32()));
    }

    [Theory]
    [InlineData("epoll", "Smtp.XClient=true", "250-mx\r\n250 SIZE\r\n", "introduction_refused", "introduction")]
    [InlineData("portable", "Smtp.XClient=true", "502 no\r\n", "introduction_refused", "introduction")]
    [InlineData("epoll", "Smtp.Tls=Required", "250-mx\r\n250 SIZE\r\n", "relay_tls_failed", "tls")]
    public async Task Relay_TheOnlyOne_IsAnsweredWith421_AndSaidEverywhere(string transport, string required, string ehlo, string diagnosis,
        string error)
    {
        await using var relay = new SteppedRelay(null, Greeting, SteppedRelay.Line, ehlo);
        await using var proxy = await StartAsync(transport, relay, required);
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        client.Dispose();
        Assert.StartsWith("421 4.3.2 Service not available: ", greeting, StringComparison.Ordinal);
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal((diagnosis, "connect_failed"),
            (record.GetProperty("diagnosis").GetProperty("code").GetString(), record.GetProperty("outcome").GetString()));
        Assert.Single(relay.Heard);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(1, metrics.Sum("smtpproxy_operation_duration_seconds_count", ("smtp_operation_name", "connect"),
            ("error_type", error)));
        Assert.Equal(1, metrics.Sum("smtpproxy_diagnoses_total", ("smtpproxy_diagnosis", diagnosis)));
    }

    [Theory]
    [InlineData("epoll", "Smtp.Tls=Required")]
    [InlineData("portable", "Smtp.XClient=true")]
    public async Task Refusal_InTheGreetingsPlace_IsTheClients_AndTheRelayHearsOnlyQuit(string transport, string required)
    {
        await using var relay = new SteppedRelay(null, "554 5.7.1 not you\r\n", SteppedRelay.Line, "221 bye\r\n");
        await using var proxy = await StartAsync(transport, relay, required);
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.Equal("554 5.7.1 not you", greeting);
            await client.SendAsync("EHLO secret.example");
            Assert.Null(await client.ReplyAsync());
        }

        Assert.Equal("refused", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
        Assert.Equal(["QUIT"], relay.Heard);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Replies_CutAtEveryOctet_AreAgreedOnAlike(string transport)
    {
        await using var relay = new SteppedRelay(_made.Good().Load(), SteppedRelay.Drip, Greeting, SteppedRelay.Line, SteppedRelay.Drip,
            Offers, SteppedRelay.Line, SteppedRelay.Drip,
            "220 go\r\n", SteppedRelay.Shake, SteppedRelay.Line, SteppedRelay.Drip, Offers, SteppedRelay.Line, SteppedRelay.Drip,
            "220 new\r\n", SteppedRelay.Line, "250 mx\r\n", SteppedRelay.Line, "221 bye\r\n");
        await using var proxy = await StartAsync(transport, relay, "Smtp.Tls=Required", "Smtp.XClient=true");
        await ServedAsync(proxy);
        Assert.Equal(["EHLO proxy.example", "STARTTLS", "EHLO proxy.example", "XCLIENT ADDR=127.0.0.1 NAME=[UNAVAILABLE]",
            "EHLO client.example", "QUIT"], relay.Heard);
    }

    [Theory]
    [InlineData("epoll", "EHLO client.example", "250-mx\r\n250 SIZE\r\n")]
    [InlineData("portable", "EHLO client.example", "250-mx\r\n250-STARTTLS\r\n250 SIZE\r\n")]
    [InlineData("epoll", "HELO client.example", "250-mx\r\n250 SIZE\r\n")]
    public async Task Relay_ThatTakesOneEhlo_WhereTlsIsOpportunistic_DoesNotCostTheClientIts(string transport, string hello, string offers)
    {
        ArgumentNullException.ThrowIfNull(offers);
        string[] refuses = offers.Contains("STARTTLS", StringComparison.Ordinal) ? [SteppedRelay.Line, "454 not now\r\n"] : [];
        await using var relay = new SteppedRelay(null,
            [Greeting, SteppedRelay.Line, offers, .. refuses, SteppedRelay.Line, "250 noop\r\n", SteppedRelay.Line,
                "503 5.5.1 Already identified\r\n", SteppedRelay.Line, "221 bye\r\n"]);
        await using var proxy = await StartAsync(transport, relay, "Smtp.Tls=Opportunistic");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.Equal("220 mx", greeting);
            Assert.Equal("250 noop", await client.SayAsync("NOOP"));
            Assert.Equal(hello.StartsWith('E') ? "250 SIZE" : "250 mx", await client.SayAsync(hello));
            Assert.Equal("221 bye", await client.SayAsync("QUIT"));
        }

        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("tracked", record.GetProperty("mode").GetString());
        Assert.Equal(JsonValueKind.Null, record.GetProperty("diagnosis").ValueKind);
    }

    private SteppedRelay Good(bool isTls, bool isIntroduced = false) => new(_made.Good().Load(),
    [
        Greeting, SteppedRelay.Line, Offers, SteppedRelay.Line,
        .. isTls ? ["220 go\r\n", SteppedRelay.Shake, SteppedRelay.Line] : (string[])["220 new\r\n", SteppedRelay.Line],
        .. isTls && isIntroduced ? [Offers, SteppedRelay.Line, "220 new\r\n", SteppedRelay.Line] : Array.Empty<string>(),
        "250 mx\r\n", SteppedRelay.Line, "221 bye\r\n",
    ]);

    private static async Task ServedAsync(ProxyProcess proxy)
    {
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            Assert.Equal("250 mx", await client.SayAsync("EHLO client.example"));
            Assert.Equal("221 bye", await client.SayAsync("QUIT"));
        }
    }

    /// <summary>One session that tries all of the relays, each of which goes through its steps, and is served by the last.</summary>
    private async Task<JsonElement> ServedByTheLastAsync(string transport, string[][] bad, SteppedRelay last, params string[] settings)
    {
        SteppedRelay[] relays = [.. bad.Select(steps => new SteppedRelay(_made.Good().Load(), steps)), last];
        await using var proxy = await StartAsync(
            transport, relays, [.. settings, "L:Greeting=00:00:00.5", "L:Reply=00:00:00.5", "L:TlsHandshake=00:00:00.5"]);
        await ServedAsync(proxy);
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal($"relay{relays.Length - 1:000}", record.GetProperty("destination").GetString());
        foreach (var relay in relays)
        {
            await relay.DisposeAsync();
            Assert.Equal(relay == last, relay.Heard.Any(static line => line.Contains("client.example", StringComparison.Ordinal)));
        }

        return record;
    }

    private Task<ProxyProcess> StartAsync(string transport, SteppedRelay relay, params string[] settings) =>
        StartAsync(transport, [relay], settings);

    private Task<ProxyProcess> StartAsync(string transport, SteppedRelay[] relays, string[] settings) => ProxyProcess.StartAsync(
    [
        $"--SmtpProxy:Transport={transport}", "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
        "--SmtpProxy:Listeners:inbound:Tls:Mode=None",
        "--relay", relays[0].Address, $"{Relays}:LoadBalancingPolicy=FirstAlphabetical",
        .. relays.Skip(1).Select(static (relay, n) => $"{Relays}:Destinations:relay{n + 1:000}:Address={relay.Address}"),
        $"{Relays}:Metadata:Smtp.TlsCa={_made.Ca}", $"{Relays}:Metadata:Smtp.TlsServerName=localhost",
        $"{Relays}:Metadata:Smtp.Name=proxy.example",
        .. settings.Select(static s => s.StartsWith("L:", StringComparison.Ordinal)
            ? $"--SmtpProxy:Limits:{s[2..]}" : $"{Relays}:Metadata:{s}"),
    ]);
}
