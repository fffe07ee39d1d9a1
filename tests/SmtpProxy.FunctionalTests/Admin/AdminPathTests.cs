using System.IO.Compression;
using System.Net;
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
            "^"
            + """\{"cluster":"relays","destination":"a","address":"smtp://192\.0\.2\.1:25","host":null,"up":false"""
            + ""","state":"down","why":"3 failures in a row","discards":false,"trustsProxy":null,"backup":false"""
            + ""","health":"Unhealthy","probeHealth":"Unknown","sessions":0,"greeted":0,"greetingsRefused":0"""
            + ""","connectFailures":3,"tlsFailures":0,"greetingFailures":0,"introductionFailures":0"""
            + ""","lastSession":\{"at":"[^"]+","what":"connect_failed"\},"lastGreeting":null,"capabilities":\[\]"""
            + ""","probe":null,"certificate":null,"phases":\[\{"phase":"data_ready","count":0,"p50_ms":null,"p95_ms":null\},.*\]\}"""
            + "$",
            relays[0].GetRawText());
        Assert.Equal(("b", 1, true), (relays[1].GetProperty("destination").GetString(), relays[1].GetProperty("sessions").GetInt32(),
            relays[1].GetProperty("up").GetBoolean()));
    }

    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/assets/app.js", "text/javascript; charset=utf-8")]
    [InlineData("/assets/style/tokens.css", "text/css; charset=utf-8")]
    [InlineData("/assets/icon.svg", "image/svg+xml")]
    public async Task Page_ItsFiles_AreServedStrictly_AndOnlyOnceWhileTheyAreTheSame(string path, string type)
    {
        await using var rig = await AdminRig.StartAsync();
        using var response = await rig.AskAsync(path);
        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-cache", response.Headers.CacheControl!.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var same = await rig.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);

        using var packed = new HttpRequestMessage(HttpMethod.Get, path);
        packed.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, br");
        using var small = await rig.Http.SendAsync(packed);
        Assert.Equal("br", small.Content.Headers.ContentEncoding.Single());
        using var plain = new BrotliStream(await small.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        Assert.Equal(await response.Content.ReadAsStringAsync(), await reader.ReadToEndAsync());
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
