using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Faults;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>What is sent is what <c>/openapi/v1.json</c> says: real answers, after some mail, held to the schemas.</summary>
public sealed class ApiSchemaTests
{
    private const string Rule =
        """
        {"ttl":"00:10:00","at":"rcpt","match":{"rcptTo":["struck@test.example"]},
         "action":{"type":"reply","code":451,"enhanced":"4.3.0","text":"later"}}
        """;

    [Fact]
    public async Task Answer_OfEveryEndpoint_IsAsItsSchemaSays()
    {
        await using var proxy = await FaultedProxy.StartAsync("--addresses", "full", "--SmtpProxy:Telemetry:ReadMessageId=true");
        using var http = new HttpClient { BaseAddress = proxy.Process.Admin };
        var document = await GetAsync(http, "/openapi/v1.json");
        var schemas = new AnswerSchema(document);
        var (paths, wrong) = (document.GetProperty("paths"), new List<string>());

        using var put = await http.PutAsync(new Uri("/api/v1/faults/rules/later", UriKind.Relative), Json(Rule));
        Hold("/api/v1/faults/rules/{id}", "put", put, await put.Content.ReadAsStringAsync());
        await LiveProxy.TalkAsync(proxy.Process, "EHLO app1.test.example", "AUTH PLAIN AGFubmEAc2VjcmV0", "MAIL FROM:<me@test.example>",
            "RCPT TO:<you@test.example>", "DATA", "Message-ID: <one@test.example>\r\n\r\nhi\r\n.", "QUIT");
        await LiveProxy.TalkAsync(proxy.Process, "EHLO app1.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<struck@test.example>",
            "RCPT TO:<550@test.example>", "RSET", "NOOP");
        await LiveProxy.TalkAsync(proxy.Process, "GET / HTTP/1.1", "QUIT");
        await Eventually.Async(async () => (await GetAsync(http, "/api/v1/sessions?live=false")).GetProperty("sessions")
            .GetArrayLength() == 3, "the sessions are not kept");
        var (client, _) = await MailClient.ConnectAsync(proxy.Process.Listener());
        using var open = client;
        await client.SayAsync("EHLO open.test.example");
        await Eventually.Async(async () => (await GetAsync(http, "/api/v1/sessions?live=true")).GetProperty("sessions")
            .GetArrayLength() == 1, "the open session is not seen");

        string[] sessions = [.. (await GetAsync(http, "/api/v1/sessions")).GetProperty("sessions").EnumerateArray()
            .Select(static s => s.GetProperty("session").GetString()!)];
        Assert.Equal(4, sessions.Length);
        foreach (var path in paths.EnumerateObject().Where(static p => p.Name != "/" && p.Value.TryGetProperty("get", out _))
            .Select(static p => p.Name))
        {
            string[] asked = path switch
            {
                _ when path.EndsWith("/stream", StringComparison.Ordinal) => [],
                "/api/v1/sessions/{id}" => [.. sessions.Select(static id => $"/api/v1/sessions/{id}"), "/api/v1/sessions/none",
                    "/api/v1/sessions/x?format=x"],
                "/api/v1/fleet/sessions/{id}" => ["/api/v1/fleet/sessions/none"],
                "/api/v1/faults/rules/{id}" => ["/api/v1/faults/rules/later", "/api/v1/faults/rules/none"],
                "/api/v1/codes/{code}" => ["/api/v1/codes/354", "/api/v1/codes/5.7.1", "/api/v1/codes/x"],
                "/api/v1/codes" => [path, $"{path}?line=451%204.7.1%20Greylisted", $"{path}?line=x"],
                "/api/v1/search" => [$"{path}?q=127.0.0.1", $"{path}?q=one@test.example", path],
                "/api/v1/clients" => [path, $"{path}?by=network", $"{path}?by=x"],
                _ => [path],
            };
            Assert.All(asked, static p => Assert.DoesNotContain('{', p));
            foreach (var one in asked)
            {
                using var answer = await http.GetAsync(new Uri(one, UriKind.Relative));
                Hold(path, "get", answer, await answer.Content.ReadAsStringAsync());
            }
        }

        foreach (var (path, template, body) in ((string, string, string?)[])[
            ("/api/v1/faults/explain", "", """{"rcptTo":"struck@test.example"}"""), ("/api/v1/faults/explain", "", """{"what":1}"""),
                ("/api/v1/faults/halt", "", """{"reason":"why"}"""),
            ("/api/v1/faults/scenarios/none/start", "/api/v1/faults/scenarios/{name}/start", "{}"),
            ("/api/v1/upstreams/a/b/drain", "/api/v1/upstreams/{cluster}/{destination}/drain", null)])
        {
            using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), body is null ? null : Json(body));
            Hold(template.Length == 0 ? path : template, "post", answer, await answer.Content.ReadAsStringAsync());
        }

        Assert.NotEmpty((await GetAsync(http, "/api/v1/faults/injections")).EnumerateArray());
        await using var events = await SentEvents.OpenAsync(http, $"/api/v1/sessions/{sessions[^1]}/stream");
        Assert.Empty(schemas.Wrong(JsonElement.Parse((await events.NextAsync()).Data), schemas.Named("SessionShown"), "end"));
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));

        void Hold(string path, string method, HttpResponseMessage answer, string body)
        {
            var status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            var where = $"{method} {path} {status} {answer.RequestMessage!.RequestUri!.Query}";
            if (!paths.GetProperty(path).GetProperty(method).GetProperty("responses").TryGetProperty(status, out var response))
            {
                wrong.Add($"{where}: no such answer is described");
            }
            else if (answer.Content.Headers.ContentType!.MediaType is var type
                && !(response.TryGetProperty("content", out var content) && content.TryGetProperty(type!, out var described)
                    && described.TryGetProperty("schema", out var schema)))
            {
                wrong.Add($"{where}: {type} has no schema");
            }
            else
            {
                wrong.AddRange(schemas.Wrong(JsonElement.Parse(body), schema, "$").Take(10).Select(w => $"{where}: {w}"));
            }
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<JsonElement> GetAsync(HttpClient http, string path) =>
        JsonElement.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)));
}
