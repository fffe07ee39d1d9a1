using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>What <c>/api/v1/upstreams</c> says of relays that sessions went to.</summary>
public sealed class RelaysApiTests : IDisposable
{
    private const string Relays = "--ReverseProxy:Clusters:relays:Metadata:Smtp";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Certificate_OfARelay_IsShownAsItWasSeen(string transport)
    {
        await using var inner = await ProxyProcess.StartAsync(
            ["--SmtpProxy:Listeners:inbound:Tls:Mode=Implicit", .. _made.Good().Arguments("inbound"), $"{Relays}.Tls=None"]);
        await using var outer = await ProxyProcess.StartAsync(
            "--relay", $"smtps://{inner.Listener()}", $"{Relays}.TlsCa={_made.Ca}", $"--SmtpProxy:Transport={transport}");
        Assert.Equal(JsonValueKind.Null, (await RelayAsync(outer)).GetProperty("certificate").ValueKind);
        await LiveProxy.TalkAsync(outer, "EHLO client.example", "QUIT");
        var shown = (await RelayAsync(outer)).GetProperty("certificate");
        Assert.Equal(("CN=localhost", "CN=Test CA"), (shown.GetProperty("subject").GetString(), shown.GetProperty("issuer").GetString()));
        Assert.Contains("localhost", shown.GetProperty("names").EnumerateArray().Select(static n => n.GetString()));
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("problem").ValueKind);
        Assert.InRange(shown.GetProperty("expires").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddDays(28),
            DateTimeOffset.UtcNow.AddDays(31));
        Assert.Matches("^[0-9A-F]{64}$", shown.GetProperty("fingerprint").GetString());
        var at = shown.GetProperty("seenAt").GetDateTimeOffset();
        await LiveProxy.TalkAsync(outer, "EHLO client.example", "QUIT");
        Assert.True((await RelayAsync(outer)).GetProperty("certificate").GetProperty("seenAt").GetDateTimeOffset() > at);
    }

    [Fact]
    public async Task Certificate_ThatIsNotBelieved_IsShownWithWhy()
    {
        await using var inner = await ProxyProcess.StartAsync(
            ["--SmtpProxy:Listeners:inbound:Tls:Mode=Implicit", .. _made.WrongHost().Arguments("inbound"), $"{Relays}.Tls=None"]);
        await using var outer = await ProxyProcess.StartAsync("--relay", $"smtps://localhost:{inner.Listener().Port}",
            $"{Relays}.TlsCa={_made.Ca}");
        var (client, greeting) = await MailClient.ConnectAsync(outer.Listener());
        client.Dispose();
        Assert.StartsWith("421 ", greeting, StringComparison.Ordinal);
        var problem = (await RelayAsync(outer)).GetProperty("certificate").GetProperty("problem").GetString();
        Assert.StartsWith("name mismatch: the certificate is for wrong.example", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_OfARelay_ThatChanges_IsShownWithWhatItWas()
    {
        var offer = "250-relay\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 SIZE 1000";
        await using var relay = new TalkingRelay(line => line.StartsWith("EHLO", StringComparison.Ordinal) ? offer : TalkingRelay.Yes(
            line));
        await using var proxy = await ProxyProcess.StartAsync("--relay", relay.Address);
        await LiveProxy.TalkAsync(proxy, "EHLO client.example", "QUIT");
        var first = (await RelayAsync(proxy)).GetProperty("offers")[0];
        Assert.Equal(("clear", 0, JsonValueKind.Null), (first.GetProperty("channel").GetString(), first.GetProperty("changes").GetInt32(),
            first.GetProperty("before").ValueKind));
        offer = "250-relay\r\n250-PIPELINING\r\n250 CHUNKING";
        await LiveProxy.TalkAsync(proxy, "EHLO client.example", "QUIT");
        var second = (await RelayAsync(proxy)).GetProperty("offers")[0];
        Assert.Equal("""["CHUNKING","PIPELINING"]""", second.GetProperty("now").GetRawText());
        Assert.Equal("""["PIPELINING","SIZE","STARTTLS"]""", second.GetProperty("before").GetRawText());
        Assert.Equal((1, JsonValueKind.String), (second.GetProperty("changes").GetInt32(), second.GetProperty("changedAt").ValueKind));
    }

    private static async Task<JsonElement> RelayAsync(ProxyProcess proxy)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        return JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)))[0];
    }
}
