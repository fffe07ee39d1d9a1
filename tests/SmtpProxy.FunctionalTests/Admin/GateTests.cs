using System.Net;
using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Admin;

public sealed class GateTests
{
    private const string Token = "0123456789abcdef";
    private static readonly (string, string) WithToken = ("SmtpProxy:Admin:BearerToken", Token);
    private static readonly string[] Paths = ["/metrics", "/healthz", "/readyz", "/api/v1/upstreams", "/nothing"];

    [Fact]
    public async Task Token_ThereIsOne_IsAskedForOnEveryPath()
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        foreach (var path in Paths)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync(path));
            Assert.NotEqual(HttpStatusCode.Unauthorized, await rig.StatusAsync(path, $"Bearer {Token}"));
        }
    }

    /// <summary>They hold nothing of anybody's mail, and who sees them can sign in.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/assets/app.js")]
    public async Task Token_ThePageAndItsFiles_NeedNone(string path)
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        Assert.Equal(HttpStatusCode.OK, await rig.StatusAsync(path));
        Assert.Equal(HttpStatusCode.NotFound, await rig.StatusAsync("/assets/nothing.js"));
    }

    [Theory]
    [InlineData("Bearer 0123456789abcdeX")]
    [InlineData("Bearer 0123456789abcde")]
    [InlineData("Bearer 0123456789abcdef0")]
    [InlineData("Bearer ")]
    [InlineData("Bearer")]
    [InlineData("Basic 0123456789abcdef")]
    [InlineData("0123456789abcdef")]
    public async Task Token_AnyOther_IsRefused_WithoutSayingTheRightOne(string authorization)
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        using var response = await rig.AskAsync("/healthz", authorization);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.DoesNotContain(Token, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_WrongTooOften_IsAnswered429_AndTheRightOneIsServedAllTheSame()
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync("/healthz", "Bearer 0123456789abcdeX"));
        }

        using var response = await rig.AskAsync("/healthz", "Bearer 0123456789abcdeX");
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromMinutes(1)), (response.StatusCode, response.Headers.RetryAfter!.Delta));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync("/healthz"));
        Assert.Equal(HttpStatusCode.OK, await rig.StatusAsync("/healthz", $"Bearer {Token}"));
        using var metrics = await rig.AskAsync("/metrics", $"Bearer {Token}");
        Assert.Contains("smtpproxy_limits_hit_total{smtpproxy_limit=\"admin_token\"} 21", await metrics.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Description_WithAToken_AsksForIt()
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        using var response = await rig.AskAsync("/openapi/v1.json", $"Bearer {Token}");
        var security = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("security");
        Assert.True(security[0].TryGetProperty("bearer", out _));
    }

    [Fact]
    public async Task Token_SchemeInAnyCase_IsTaken()
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        Assert.Equal(HttpStatusCode.OK, await rig.StatusAsync("/healthz", $"bearer {Token}"));
    }

    [Fact]
    public async Task Anonymous_Paths_NeedNoToken_AndTheOthersDo()
    {
        await using var rig = await AdminRig.StartAsync(WithToken, ("SmtpProxy:Admin:AllowAnonymous", "/healthz, /metrics"));
        Assert.Equal(HttpStatusCode.OK, await rig.StatusAsync("/healthz"));
        Assert.Equal(HttpStatusCode.OK, await rig.StatusAsync("/metrics"));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync("/readyz"));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync("/metrics/x"));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync("/api/v1/upstreams"));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:9025")]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9:80")]
    [InlineData("[::1]:9025")]
    public async Task Host_OfThisMachine_IsServedWithoutAToken(string host)
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(HttpStatusCode.OK, await rig.StatusAsync("/healthz", host: host));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.0.2.1")]
    public async Task Host_OfAnyOtherName_IsMisdirectedWithoutAToken_AndServedWithOne(string host)
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await rig.StatusAsync("/metrics", host: host));
        await using var guarded = await AdminRig.StartAsync(WithToken);
        Assert.Equal(HttpStatusCode.OK, await guarded.StatusAsync("/metrics", $"Bearer {Token}", host));
    }

    [Fact]
    public async Task Route_BehindTheGate_IsGuarded_AndNeverSeesTheToken()
    {
        await using var behind = await EchoServer.StartAsync();
        await using var rig = await AdminRig.StartAsync(
            WithToken,
            ("ReverseProxy:Clusters:pages:Destinations:echo:Address", behind.Url),
            ("ReverseProxy:Routes:echo:ClusterId", "pages"),
            ("ReverseProxy:Routes:echo:Match:Path", "/echo/{**rest}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync("/echo/me"));
        using var response = await rig.AskAsync("/echo/me", $"Bearer {Token}");
        Assert.Equal("/echo/me authorization=", await response.Content.ReadAsStringAsync());
    }

    /// <summary>What its pages need, and what they may be sent, only the application knows.</summary>
    [Fact]
    public async Task Route_ThroughTheProxy_KeepsItsOwnHeadersBodiesAndOrigins()
    {
        await using var behind = await EchoServer.StartAsync();
        await using var rig = await AdminRig.StartAsync(
            ("ReverseProxy:Clusters:pages:Destinations:echo:Address", behind.Url),
            ("ReverseProxy:Routes:echo:ClusterId", "pages"),
            ("ReverseProxy:Routes:echo:Match:Path", "/echo/{**rest}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo/me") { Content = new ByteArrayContent(new byte[1_000_000]) };
        request.Headers.Add("Origin", "http://elsewhere.example");
        using var response = await rig.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Content-Security-Policy") || response.Headers.Contains("X-Frame-Options"));

        using var refused = await rig.AskAsync("/echo/me", host: "evil.example");
        Assert.Equal(HttpStatusCode.MisdirectedRequest, refused.StatusCode);
        Assert.True(refused.Headers.Contains("Content-Security-Policy"));
    }

    [Fact]
    public async Task Route_WithoutAToken_PassesCredentialsOn()
    {
        await using var behind = await EchoServer.StartAsync();
        await using var rig = await AdminRig.StartAsync(
            ("ReverseProxy:Clusters:pages:Destinations:echo:Address", behind.Url),
            ("ReverseProxy:Routes:echo:ClusterId", "pages"),
            ("ReverseProxy:Routes:echo:Match:Path", "/echo/{**rest}"));
        using var response = await rig.AskAsync("/echo/me", "Bearer theirs");
        Assert.Equal("/echo/me authorization=Bearer theirs", await response.Content.ReadAsStringAsync());
    }
}
