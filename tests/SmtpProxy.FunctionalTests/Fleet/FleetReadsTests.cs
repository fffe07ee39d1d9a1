using System.Net.Http.Headers;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>What three real proxies show as one.</summary>
[Collection("Fleet")]
public sealed class FleetReadsTests
{
    [SkippableFact]
    public async Task Reads_OfThreeProxies_AreMergedNamedAndAsTheirSchemasSay()
    {
        await using var fleet = await FleetRig.StartReadingAsync(3);
        ProxyProcess[] proxies = [await fleet.OfAsync("node-0"), await fleet.OfAsync("node-1"), await fleet.OfAsync("node-2")];
        for (var n = 0; n < 9; n++)
        {
            await LiveProxy.TalkAsync(proxies[n % 3], "EHLO app.test.example", "MAIL FROM:<me@test.example>", "QUIT");
            var wanted = n + 1;
            await Eventually.Async(async () => (await Sessions(fleet, proxies[0], "limit=50")).Count == wanted, "the session is not kept");
        }

        using var open = new Talk(proxies[1]);
        Assert.Equal("220 relay", await open.GreetingAsync());
        await Eventually.Async(async () => (await Sessions(fleet, proxies[0], "limit=50")).Count == 10, "the open session is not seen");

        // Whoever is asked says the same; open ones come first, and then those that ended last.
        var all = await Sessions(fleet, proxies[0], "limit=50");
        Assert.Equal(all, await Sessions(fleet, proxies[2], "limit=50"));
        Assert.Equal(["node-1", "node-2", "node-1", "node-0", "node-2", "node-1", "node-0", "node-2", "node-1", "node-0"],
            all.Select(static s => s.Node));

        // Page by page it is the same, and each comes once.
        var (paged, cursor) = (new List<(string, string)>(), "");
        do
        {
            var page = await fleet.GetAsync(proxies[0], $"/api/v1/fleet/sessions?limit=4{cursor}");
            Assert.Empty(page.GetProperty("unanswered").EnumerateArray());
            paged.AddRange(Named(page));
            cursor = page.GetProperty("next").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        Assert.Equal(all, paged);

        Assert.Equal(3, (await Sessions(fleet, proxies[0], "node=node-0")).Count);
        Assert.All(await Sessions(fleet, proxies[0], "node=node-1,node-2&live=false"), static s => Assert.NotEqual("node-0", s.Node));
        var missing = await fleet.GetAsync(proxies[0], "/api/v1/fleet/sessions?node=none");
        Assert.Equal("gone", Assert.Single(missing.GetProperty("unanswered").EnumerateArray()).GetProperty("reason").GetString());

        var (node, id) = all[^1];
        var one = await fleet.GetAsync(proxies[2], $"/api/v1/fleet/sessions/{id}");
        Assert.Equal((node, id), (one.GetProperty("node").GetString(), one.GetProperty("session").GetProperty("session").GetString()));
        var client = Assert.Single((await fleet.GetAsync(proxies[0], "/api/v1/fleet/clients")).GetProperty("clients").EnumerateArray());
        Assert.Equal(3, client.GetProperty("nodes").GetArrayLength());
        Assert.Equal(9, client.GetProperty("client").GetProperty("sessions").GetInt64());

        await HoldSchemasAsync(fleet, proxies[0], id);
    }

    [SkippableFact]
    public async Task Token_OfTheFleet_ReadsAndNoMore()
    {
        await using var fleet = await FleetRig.StartReadingAsync(1);
        var proxy = fleet.Proxies[0];
        foreach (var (method, path, token, status) in ((string, string, string, int)[])[
            ("GET", "/api/v1/sessions", FleetRig.Secret, 200), ("GET", "/api/v1/now", FleetRig.Secret, 200),
            ("GET", "/api/v1/faults/status", FleetRig.Secret, 200), ("GET", "/api/v1/sessions", FleetRig.Secret + "x", 401),
            ("POST", "/api/v1/faults/halt", FleetRig.Secret, 403), ("PUT", "/api/v1/faults/rules", FleetRig.Secret, 403),
            ("POST", "/api/v1/upstreams/relays/relay/drain", FleetRig.Secret, 403), ("GET", "/api/v1/setup", FleetRig.Secret, 403),
            ("GET", "/metrics", FleetRig.Secret, 403), ("GET", "/", FleetRig.Secret, 403),
            ("GET", "/api/v1/fleet/sessions", FleetRig.Secret, 403), ("GET", "/api/v1/fleet", FleetRig.Secret, 403)])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(proxy.Admin, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Fleet", token);
            // Under the name by which the others know it.
            request.Headers.Host = "proxy.test.example";
            using var answer = await fleet.Http.SendAsync(request);
            Assert.True(status == (int)answer.StatusCode, $"{method} {path}: {(int)answer.StatusCode}");
        }

        Assert.DoesNotContain(FleetRig.Secret, await fleet.Http.GetStringAsync(new Uri(proxy.Admin, "/api/v1/setup")),
            StringComparison.Ordinal);
        Assert.DoesNotContain(FleetRig.Secret, proxy.Errors.Text + proxy.Output.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Members_ThatAnswerOddly_AreNamedAndCostNothingElse()
    {
        await using var fleet = await FleetRig.StartReadingAsync(1);
        var proxy = fleet.Proxies[0];
        await using var odd = new OddPeer();
        await fleet.AddAsync("odd", [$"--SmtpProxy:Fleet:AdminUrl={odd.Url}", .. fleet.Token()]);
        await fleet.AddAsync("silent", fleet.Token());
        await fleet.AddAsync("stranger", [.. fleet.Reading(), .. fleet.Token("key2")]);
        await fleet.JoinedAsync(4);
        odd.Answer = static _ => OddPeer.Json("{}");
        await LiveProxy.TalkAsync(proxy, "EHLO app.test.example", "QUIT");
        await Eventually.Async(async () => (await Sessions(fleet, proxy, "")).Count == 1, "the session is not kept");

        foreach (var (answer, reason) in ((string?, string)[])[
            (OddPeer.Json("not json"), "unreadable"), (OddPeer.Json("[1,2]"), "unreadable"),
                (OddPeer.Json("""{"sessions":[1],"next":null}"""),
                "unreadable"),
            (OddPeer.Json("""{"sessions":[],"next":"../x"}"""), "unreadable"),
            (OddPeer.Json("""{"sessions":[],"next":"\ud800"}"""), "unreadable"),
            (OddPeer.Json($"{{\"sessions\":[],\"next\":null,\"x\":{new string('[', 40)}{new string(']', 40)}}}"), "unreadable"),
            (OddPeer.Json(new string('[', 5000)), "unreadable"),
            (OddPeer.Json($"\"{new string('x', 3 * 1024 * 1024)}\""), "too_large"),
            (OddPeer.Json("", "302 Found", $"Location: {proxy.Admin}api/v1/sessions\r\nContent-Length: 0\r\n"), "unreadable"),
            (OddPeer.Json("{}", "500 Oops"), "refused"), (OddPeer.Json("{}", "401 No"), "refused"), ("SSH-2.0-x\r\n", "unreachable")])
        {
            odd.Answer = _ => answer;
            var page = await fleet.GetAsync(proxy, "/api/v1/fleet/sessions");
            Assert.Equal("node-0", Assert.Single(page.GetProperty("sessions").EnumerateArray()).GetProperty("node").GetString());
            Assert.Equal([("odd", reason), ("silent", "not_published"), ("stranger", "refused")], Lost(page));
        }

        foreach (var (path, answer) in ((string, string)[])[("clients", """{"clients":[null],"next":null}"""),
            ("clients", """{"clients":[{"client":"192.0.2.1"}]}"""), ("search?q=x", """{"hits":[{"in":"client"}],"notes":[]}"""),
            ("upstreams", """[{"destination":"\udc00"}]"""), ("now", """{"\ud800":1}"""),
            ("clients", """{"clients":[{"client":"\ud800"}],"next":null}"""),
            ("faults", $"{{\"x\":{new string('[', 61)}{new string(']', 61)}}}"), ("upstreams", """[1]"""), ("now", "[]"), ("faults", "7")])
        {
            odd.Answer = _ => OddPeer.Json(answer);
            Assert.Contains(("odd", "unreadable"), Lost(await fleet.GetAsync(proxy, $"/api/v1/fleet/{path}")));
        }

        // Whatever name it gives itself, it is named as the one that was asked.
        var session = (await fleet.GetAsync(proxy, "/api/v1/sessions")).GetProperty("sessions")[0].GetRawText();
        odd.Answer = _ => OddPeer.Json($$"""{"node":"node-0","sessions":[{"node":"node-0",{{session[1..]}}],"next":null}""");
        Assert.Equal(["node-0", "odd"], (await Sessions(fleet, proxy, "")).Select(static s => s.Node).Order());

        // It gets the token and nothing else of the request that this proxy was asked with.
        Assert.All(odd.Requests, static r => Assert.Contains($"Authorization: Fleet {FleetRig.Secret}", r, StringComparison.Ordinal));
        Assert.DoesNotContain(odd.Requests, static r => r.Contains("/fleet/", StringComparison.Ordinal));

        // One that never answers is waited for once, and then not for a while.
        odd.Answer = static _ => null;
        var before = odd.Requests.Count;
        Assert.Contains(("odd", "timeout"), Lost(await fleet.GetAsync(proxy, "/api/v1/fleet/sessions")));
        Assert.Contains(("odd", "timeout"), Lost(await fleet.GetAsync(proxy, "/api/v1/fleet/now")));
        Assert.Equal(before + 1, odd.Requests.Count);
    }

    private static async Task HoldSchemasAsync(FleetRig fleet, ProxyProcess proxy, string id)
    {
        var document = await fleet.GetAsync(proxy, "/openapi/v1.json");
        var (schemas, wrong) = (new AnswerSchema(document), new List<string>());
        string[] asked = ["sessions", $"sessions/{id}", "search?q=127.0.0.1", "clients", "clients?by=network", "now", "upstreams", "faults",
            "sessions?node=none"];
        foreach (var path in asked)
        {
            var described = $"/api/v1/fleet/{path.Split('?')[0].Replace(id, "{id}", StringComparison.Ordinal)}";
            var schema = document.GetProperty("paths").GetProperty(described).GetProperty("get").GetProperty("responses").GetProperty("200")
                .GetProperty("content").GetProperty("application/json").GetProperty("schema");
            wrong.AddRange(schemas.Wrong(await fleet.GetAsync(proxy, $"/api/v1/fleet/{path}"), schema, path).Take(5));
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static async Task<List<(string Node, string Id)>> Sessions(FleetRig fleet, ProxyProcess proxy, string query) =>
        Named(await fleet.GetAsync(proxy, $"/api/v1/fleet/sessions?{query}"));

    private static List<(string Node, string Id)> Named(JsonElement page) => [.. page.GetProperty("sessions").EnumerateArray()
        .Select(static s => (s.GetProperty("node").GetString()!, s.GetProperty("session").GetProperty("session").GetString()!))];

    private static IEnumerable<(string, string)> Lost(JsonElement page) => page.GetProperty("unanswered").EnumerateArray()
        .Select(static u => (u.GetProperty("node").GetString()!, u.GetProperty("reason").GetString()!)).Order();
}
