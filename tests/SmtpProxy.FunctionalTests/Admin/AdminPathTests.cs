using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SmtpProxy.Upstreams;

namespace SmtpProxy.FunctionalTests.Admin;

public sealed class AdminPathTests
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 40_000);

    [Fact]
    public async Task Healthz_AtAnyTime_IsAlive()
    {
        await using var rig = await AdminRig.StartAsync();
        using var response = await rig.AskAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("""{"status":"alive"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Readyz_FollowsTheListeners()
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal((503, """{"status":"not ready","reason":"starting"}"""), await ReadyAsync(rig));

        rig.Readiness.Listening("inbound 127.0.0.1:2525 -> relays");
        Assert.Equal(503, (await ReadyAsync(rig)).Status);
        rig.Readiness.Ready();
        var (status, body) = await ReadyAsync(rig);
        Assert.Equal((200, "inbound 127.0.0.1:2525 -> relays"), (status, JsonElement.Parse(body).GetProperty("listeners")[0].GetString()));

        rig.Readiness.Stopping();
        Assert.Equal((503, """{"status":"not ready","reason":"stopping"}"""), await ReadyAsync(rig));
    }

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 503)]
    [InlineData("/", 200)]
    public async Task Head_IsAnsweredLikeGet(string path, int status)
    {
        await using var rig = await AdminRig.StartAsync();
        using var response = await rig.AskAsync(path, method: HttpMethod.Head);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("POST", "/healthz", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    public async Task Request_ForWhatIsNotThere_IsRefused(string method, string path, HttpStatusCode status)
    {
        await using var rig = await AdminRig.StartAsync();
        using var response = await rig.AskAsync(path, method: new HttpMethod(method));
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Metrics_AreInPrometheusTextFormat_WithTheGaugesOfRelays()
    {
        await using var rig = await AdminRig.StartAsync();
        using var lease = Fail(rig, 3);
        using var response = await rig.AskAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var text = await response.Content.ReadAsStringAsync();
        Assert.Matches("""smtpproxy_upstream_up\{smtpproxy_cluster="relays",smtpproxy_destination="a"\} 0""", text);
        Assert.Matches("""smtpproxy_upstream_up\{smtpproxy_cluster="relays",smtpproxy_destination="b"\} 1""", text);
        Assert.Matches("""smtpproxy_upstream_sessions\{smtpproxy_cluster="relays",smtpproxy_destination="b"\} 1""", text);
    }

    [Fact]
    public async Task Upstreams_ShowStatesAndCounts()
    {
        await using var rig = await AdminRig.StartAsync();
        using var lease = Fail(rig, 3);
        var relays = JsonElement.Parse(await rig.Http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)));
        Assert.Equal(2, relays.GetArrayLength());
        Assert.Matches(
            "^" + """\{"cluster":"relays","destination":"a","address":"smtp://192\.0\.2\.1:25","host":null,"up":false,"state":"down","why":"3 failures in a row","discards":false,"trustsProxy":null,"backup":false,"health":"Unhealthy","probeHealth":"Unknown","sessions":0,"greeted":0,"greetingsRefused":0,"connectFailures":3,"tlsFailures":0,"greetingFailures":0,"introductionFailures":0,"lastSession":\{"at":"[^"]+","what":"connect_failed"\},"lastGreeting":null,"capabilities":\[\],"probe":null,"phases":\[\{"phase":"data_ready","count":0,"p50_ms":null,"p95_ms":null\},.*\]\}""" + "$",
            relays[0].GetRawText());
        Assert.Equal(("b", 1, true), (relays[1].GetProperty("destination").GetString(), relays[1].GetProperty("sessions").GetInt32(), relays[1].GetProperty("up").GetBoolean()));
    }

    [Fact]
    public async Task Page_ShowsListenersAndRelays_AndEscapesTheirNames()
    {
        await using var rig = await AdminRig.StartAsync(("ReverseProxy:Clusters:relays:Destinations:<b>:Address", "smtp://192.0.2.3"));
        rig.Readiness.Listening("inbound 127.0.0.1:2525 -> relays");
        using var response = await rig.AskAsync("/");
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("Not ready: starting", page, StringComparison.Ordinal);
        Assert.Contains("inbound 127.0.0.1:2525 -&gt; relays", page, StringComparison.Ordinal);
        Assert.Contains("<td>&lt;b&gt;</td>", page, StringComparison.Ordinal);
        Assert.Contains("smtp://192.0.2.2:2525", page, StringComparison.Ordinal);
        Assert.All(["/metrics", "/healthz", "/readyz", "/api/v1/upstreams"], path => Assert.Contains($"href=\"{path}\"", page, StringComparison.Ordinal));
    }

    /// <summary>A browser applies the style that the policy names by its hash, and nothing else of the page's own.</summary>
    [Fact]
    public async Task Page_StyleAndPolicy_GoTogether()
    {
        await using var rig = await AdminRig.StartAsync();
        using var response = await rig.AskAsync("/");
        var page = await response.Content.ReadAsStringAsync();
        var style = page.Split("<style>")[1].Split("</style>")[0];
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.Contains($"style-src 'sha256-{hash}';", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotMatch("<script|style=|javascript:| on[a-z]+=", page);
    }

    /// <summary>Makes relay a fail; holds a lease on b.</summary>
    private static IRelayLease Fail(AdminRig rig, int times)
    {
        for (var n = 0; n < times; n++)
        {
            Assert.True(rig.Relays.TryPick("relays", Client, [], out var a, out _));
            Assert.Equal("a", a!.Destination);
            a.Report(RelayReport.ConnectFailed);
            a.Dispose();
        }

        // Named as tried: whether it is out already does not matter here.
        Assert.True(rig.Relays.TryPick("relays", Client, [], out var first, out _));
        using var tried = first!.Destination == "a" ? first : null;
        if (tried is null)
        {
            return first;
        }

        Assert.True(rig.Relays.TryPick("relays", Client, [tried], out var b, out _));
        return b!;
    }

    private static async Task<(int Status, string Body)> ReadyAsync(AdminRig rig)
    {
        using var response = await rig.AskAsync("/readyz");
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
