using System.Text.Json;
using SmtpProxy.FunctionalTests.Identity;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>What is sent of sessions with TLS is what <c>/openapi/v1.json</c> says, too: TLS that ends here and goes on to a relay, TLS
/// that
/// passes through, and a client whose relay is told by XCLIENT who it is.</summary>
public sealed class SecuredSchemaTests : IDisposable
{
    private const string Relays = "--ReverseProxy:Clusters:relays:Metadata:Smtp";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public async Task Session_WhoseTlsEndsHereAndBeginsAgain_IsAsItsSchemaSays()
    {
        await using var inner = await StartTlsAsync();
        await using var outer = await ProxyProcess.StartAsync(
        [
            "--relay", $"smtp://localhost:{inner.Listener().Port}", $"{Relays}.Tls=Required", $"{Relays}.TlsCa={_made.Ca}",
            .. _made.Good().Arguments("inbound"), "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls",
        ]);
        var session = await HeldAsync(outer, static async client =>
        {
            await client.SayAsync("STARTTLS");
            await client.SecureAsync();
            await client.SayAsync("EHLO client.example");
            await client.SayAsync("QUIT");
        });
        Assert.Equal(JsonValueKind.Object, session.GetProperty("tls_client").ValueKind);
        Assert.Equal(JsonValueKind.Object, session.GetProperty("tls_relay").ValueKind);
        using var http = new HttpClient { BaseAddress = outer.Admin };
        Assert.Contains("\"certificate\":{\"subject\":\"CN=localhost\"",
            await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_WhoseTlsPassesThrough_IsAsItsSchemaSays()
    {
        await using var inner = await StartTlsAsync();
        await using var outer = await ProxyProcess.StartAsync("--relay", $"smtp://{inner.Listener()}");
        var session = await HeldAsync(outer, static async client =>
        {
            await client.SayAsync("STARTTLS");
            await client.SecureAsync();
            await client.SayAsync("EHLO client.example");
            await client.SayAsync("QUIT");
        });
        Assert.Equal(("starttls", JsonValueKind.Object), (session.GetProperty("tls").GetString(),
            session.GetProperty("client_hello").ValueKind));
    }

    [Fact]
    public async Task Session_ThatIsIntroduced_IsAsItsSchemaSays()
    {
        await using var relay = new TrustingRelay(isLmtp: false, "PIPELINING", "XCLIENT ADDR PORT");
        await using var proxy = await ProxyProcess.StartAsync("--relay", relay.Address, $"{Relays}.XClient=true");
        var session = await HeldAsync(proxy, static client => client.SayAsync("QUIT"));
        Assert.Equal(JsonValueKind.Object, session.GetProperty("xclient").ValueKind);
    }

    private Task<ProxyProcess> StartTlsAsync() => ProxyProcess.StartAsync(
        [.. _made.Good().Arguments("inbound"), "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", $"{Relays}.Tls=None"]);

    /// <summary>Holds what is shown of a session, while it goes on and when it is over, and of its relay and its client, to the
    /// schemas.</summary>
    private static async Task<JsonElement> HeldAsync(ProxyProcess proxy, Func<SecuredClient, Task> talk)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        async Task<JsonElement> GetAsync(string path) => JsonElement.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)));
        var document = await GetAsync("/openapi/v1.json");
        var (schemas, wrong) = (new AnswerSchema(document), new List<string>());
        async Task<JsonElement> HoldAsync(string path, string template)
        {
            var answer = await GetAsync(path);
            var schema = document.GetProperty("paths").GetProperty(template).GetProperty("get").GetProperty("responses").GetProperty("200")
                .GetProperty("content").GetProperty("application/json").GetProperty("schema");
            wrong.AddRange(schemas.Wrong(answer, schema, path).Take(10));
            return answer;
        }

        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            await client.SayAsync("EHLO client.example");
            await Eventually.Async(async () => (await HoldAsync("/api/v1/sessions?live=true", "/api/v1/sessions")).GetProperty("sessions")
                .GetArrayLength() == 1, "the open session is not seen");
            await talk(client);
        }

        JsonElement[] ended = [];
        await Eventually.Async(async () =>
        {
            ended = [.. (await HoldAsync("/api/v1/sessions?live=false", "/api/v1/sessions")).GetProperty("sessions").EnumerateArray()];
            return ended.Length == 1;
        }, "the session is not kept");
        var session = await HoldAsync($"/api/v1/sessions/{ended[0].GetProperty("session").GetString()}", "/api/v1/sessions/{id}");
        await HoldAsync("/api/v1/clients", "/api/v1/clients");
        await HoldAsync("/api/v1/upstreams", "/api/v1/upstreams");
        await HoldAsync("/api/v1/now", "/api/v1/now");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Distinct()));
        return session;
    }
}
