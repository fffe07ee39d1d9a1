using System.Net;
using System.Net.Http.Json;

namespace SmtpProxy.FunctionalTests.Admin;

public sealed class LoginTests
{
    private const string Token = "0123456789abcdef";
    private static readonly (string, string) WithToken = ("SmtpProxy:Admin:BearerToken", Token);

    [Fact]
    public async Task Login_WithTheToken_GivesACookieThatServes_UntilLogout()
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        Assert.Equal("""{"required":true,"signed_in":false}""", await rig.Http.GetStringAsync(new Uri("/api/v1/login", UriKind.Relative)));
        var cookie = await LogInAsync(rig);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token, cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(rig, HttpMethod.Get, "/api/v1/now", cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(rig, HttpMethod.Get, "/api/v1/now", "smtpproxy=0000"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(rig, HttpMethod.Get, "/api/v1/now", $"smtpproxy={Token}"));
        Assert.Equal(HttpStatusCode.NoContent, await AskAsync(rig, HttpMethod.Post, "/api/v1/logout", cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(rig, HttpMethod.Get, "/api/v1/now", cookie));
    }

    [Fact]
    public async Task Cookie_OfALogin_ServesNoPageOfAnotherOrigin()
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        var cookie = await LogInAsync(rig);
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(rig, HttpMethod.Post, "/api/v1/faults/halt", cookie, "http://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(rig, HttpMethod.Post, "/api/v1/logout", cookie, "http://evil.example"));
    }

    [Fact]
    public async Task Login_WithAWrongToken_IsRefused_AndSoonNotEvenThat()
    {
        await using var rig = await AdminRig.StartAsync(WithToken);
        for (var n = 0; n < 20; n++)
        {
            using var refused = await rig.Http.PostAsJsonAsync(new Uri("/api/v1/login", UriKind.Relative),
                new { token = "0123456789abcdeX" });
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.False(refused.Headers.Contains("Set-Cookie"));
        }

        using var last = await rig.Http.PostAsJsonAsync(new Uri("/api/v1/login", UriKind.Relative), new { token = "" });
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.NotEmpty(await LogInAsync(rig));
    }

    [Fact]
    public async Task Cookie_OfALogin_IsNotSeenByWhatARouteLeadsTo_AndOthersAre()
    {
        await using var behind = await EchoServer.StartAsync();
        await using var rig = await AdminRig.StartAsync(
            WithToken,
            ("ReverseProxy:Clusters:pages:Destinations:echo:Address", behind.Url),
            ("ReverseProxy:Routes:echo:ClusterId", "pages"),
            ("ReverseProxy:Routes:echo:Match:Path", "/echo/{**rest}"));
        var cookie = (await LogInAsync(rig)).Split(';')[0];
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = rig.Http.BaseAddress };
        foreach (var (sent, seen) in ((string, string)[])[($"theirs=1; {cookie}; more=2", " cookie=theirs=1; more=2"), (cookie, "")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/echo/me", UriKind.Relative));
            request.Headers.Add("Cookie", sent);
            using var answer = await http.SendAsync(request);
            Assert.Equal($"/echo/me authorization={seen}", await answer.Content.ReadAsStringAsync());
        }
    }

    private static async Task<string> LogInAsync(AdminRig rig)
    {
        using var answer = await rig.Http.PostAsJsonAsync(new Uri("/api/v1/login", UriKind.Relative), new { token = Token });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return Assert.Single(answer.Headers.GetValues("Set-Cookie"));
    }

    private static async Task<HttpStatusCode> AskAsync(AdminRig rig, HttpMethod method, string path, string cookie, string? origin = null)
    {
        // The rig's own client would remember cookies.
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = rig.Http.BaseAddress };
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
