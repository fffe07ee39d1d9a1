using System.Net;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Upstreams;

public sealed class DrainTests
{
    [Fact]
    public async Task Relay_TakenOutOfService_GetsNoSessions_AndKeepsThoseThatItHas()
    {
        const string Token = "a-token-that-is-long-enough-for-it";
        await using var one = new TalkingRelay(static command => command.Length == 0 ? "220 one" : TalkingRelay.Yes(command));
        await using var two = new TalkingRelay(static command => command.Length == 0 ? "220 two" : TalkingRelay.Yes(command));
        await using var proxy = await ProxyProcess.StartAsync(
            "--SmtpProxy:Sink:Enabled=false", $"--ReverseProxy:Clusters:relays:Destinations:one:Address={one.Address}",
            $"--ReverseProxy:Clusters:relays:Destinations:two:Address={two.Address}",
            "--ReverseProxy:Clusters:relays:LoadBalancingPolicy=FirstAlphabetical", $"--SmtpProxy:Admin:BearerToken={Token}");
        using var session = await MailSender.ConnectAsync(proxy.Listener());
        Assert.Equal("220 one", session.Greeting);

        using var http = new HttpClient { BaseAddress = proxy.Admin };
        using (var refused = await http.PostAsync(new Uri("/api/v1/upstreams/relays/one/drain", UriKind.Relative), null))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using (var drained = await http.PostAsync(new Uri("/api/v1/upstreams/relays/one/drain", UriKind.Relative), null))
        {
            Assert.Equal(HttpStatusCode.OK, drained.StatusCode);
            Assert.Contains("\"state\":\"draining\"", await drained.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (var unknown = await http.PostAsync(new Uri("/api/v1/upstreams/relays/three/drain", UriKind.Relative), null))
        {
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        }

        Assert.Equal("250 ok", await session.SayAsync("EHLO client", "MAIL FROM:<a@example.org>"));
        using (var next = await MailSender.ConnectAsync(proxy.Listener()))
        {
            Assert.Equal("220 two", next.Greeting);
        }

        foreach (var left in new[] { "two", "sink" })
        {
            using var drained = await http.PostAsync(new Uri($"/api/v1/upstreams/relays/{left}/drain", UriKind.Relative), null);
            Assert.Equal(HttpStatusCode.OK, drained.StatusCode);
        }

        using (var nobody = await MailSender.ConnectAsync(proxy.Listener()))
        {
            Assert.StartsWith("421 4.3.2 ", nobody.Greeting, StringComparison.Ordinal);
        }

        var finding = (await proxy.JournalAsync(2)).Single(static line => line.GetProperty("outcome").GetString() == "connect_failed")
            .GetProperty("diagnosis");
        Assert.Equal(("no_relay_available", "drained"),
            (finding.GetProperty("code").GetString(), finding.GetProperty("evidence").GetProperty("dial").GetString()));

        var (code, output, errors) = await ProxyProcess.RunAsync(
            new Dictionary<string, string> { ["SMTPPROXY_TOKEN"] = Token }, "relays", "undrain", "relays/one", "--admin",
            proxy.Admin.ToString());
        Assert.True(code == 0, errors);
        Assert.Contains("relays/one", output, StringComparison.Ordinal);
        using var last = await MailSender.ConnectAsync(proxy.Listener());
        Assert.Equal("220 one", last.Greeting);
    }
}
