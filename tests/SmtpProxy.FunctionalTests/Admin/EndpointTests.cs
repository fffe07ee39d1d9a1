using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>What holds for every end point of the API, those of tomorrow included, over HTTP.</summary>
public sealed class EndpointTests(DescribedApi api) : IClassFixture<DescribedApi>
{
    private const int TooMuch = (256 * 1024) + 1;
    private readonly HttpClient _http = api.Http;
    private readonly IReadOnlyList<Described> _all = api.Operations;

    [Fact]
    public async Task Body_TooLarge_Is413AndSaysHowMuchWouldDo()
    {
        foreach (var point in _all)
        {
            using var announced = await AskAsync(point, Json(new string(' ', TooMuch)));
            await IsProblemAsync(point, announced, HttpStatusCode.RequestEntityTooLarge, "262144 octets");
        }

        foreach (var point in _all.Where(static p => p.TakesBody))
        {
            using var unannounced = await AskAsync(point, new Unannounced(TooMuch));
            await IsProblemAsync(point, unannounced, HttpStatusCode.RequestEntityTooLarge, "262144 octets");
        }
    }

    [Fact]
    public async Task Body_AsLargeAsAllowed_IsRead()
    {
        var rule = """{"ttl":"00:01:00","at":"rcpt","action":{"type":"reply","code":451}}""";
        using var answer = await AskAsync(new Described(HttpMethod.Put, "/api/v1/faults/rules/x", true, []),
            Json(rule.PadRight(TooMuch - 1)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Body_NoJson_Is400AndSaysWhere()
    {
        foreach (var point in _all.Where(static p => p.TakesBody))
        {
            foreach (var text in (string[])["{\"a\":", "[", string.Concat(Enumerable.Repeat("{\"a\":", 100))])
            {
                using var answer = await AskAsync(point, Json(text));
                await IsProblemAsync(point, answer, HttpStatusCode.BadRequest, "Path: $");
            }
        }
    }

    [Fact]
    public async Task Body_NamesAMemberTwice_Is400()
    {
        var point = new Described(HttpMethod.Put, "/api/v1/faults/rules/x", true, []);
        using var answer = await AskAsync(point,
            Json("""{"ttl":"00:01:00","at":"rcpt","at":"data","action":{"type":"reply","code":451}}"""));
        await IsProblemAsync(point, answer, HttpStatusCode.BadRequest, "names a member twice");
    }

    [Fact]
    public async Task Body_OfAnotherType_Is415AndSaysWhich()
    {
        foreach (var point in _all.Where(static p => p.TakesBody))
        {
            foreach (var type in (string[])["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                "application/json; charset=x", "application/json; charset=utf-16"])
            {
                var body = Json("{}");
                body.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
                using var answer = await AskAsync(point, body);
                await IsProblemAsync(point, answer, HttpStatusCode.UnsupportedMediaType, "Content-Type: application/json");
            }
        }
    }

    [Fact]
    public async Task Method_AnyOther_Is405AndSaysWhich()
    {
        foreach (var point in _all)
        {
            using var answer = await AskAsync(point with { Method = HttpMethod.Patch });
            await IsProblemAsync(point, answer, HttpStatusCode.MethodNotAllowed, $"PATCH is not answered here; send ");
            Assert.Contains(point.Method.Method, answer.Content.Headers.Allow);
        }
    }

    [Theory]
    [InlineData("/api/v1/fault/rules", "did you mean /api/v1/faults/rules?")]
    [InlineData("/metric", "did you mean /metrics?")]
    [InlineData("/entirely/else", "known here: /, /api/v1/clients")]
    public async Task Path_NotThere_Is404AndNamesWhatIs(string path, string expected)
    {
        var point = new Described(HttpMethod.Get, path, false, []);
        using var answer = await AskAsync(point);
        await IsProblemAsync(point, answer, HttpStatusCode.NotFound, expected);
    }

    [Fact]
    public async Task Page_OfAnotherOrigin_ChangesNothing()
    {
        foreach (var point in _all.Where(static p => p.Method != HttpMethod.Get && p.Method != HttpMethod.Head))
        {
            foreach (var (header, value) in ((string, string)[])[("Origin", "http://evil.example"), ("Origin", "null"),
                ("Origin", "http://127.0.0.1:1"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")])
            {
                using var answer = await AskAsync(point, point.TakesBody ? Json("{}") : null, (header, value));
                await IsProblemAsync(point, answer, HttpStatusCode.Forbidden, "Another origin");
            }
        }
    }

    [Fact]
    public async Task Page_OfThisOrigin_IsServed()
    {
        var origin = _http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        using var answer = await AskAsync(new Described(HttpMethod.Post, "/api/v1/faults/reset", false, []), null, ("Origin", origin),
            ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>DNS rebinding: the page's own name leads to this machine.</summary>
    [Fact]
    public async Task Page_UnderANameOfItsOwn_IsMisdirected()
    {
        foreach (var point in _all)
        {
            using var answer = await AskAsync(point, point.TakesBody ? Json("{}") : null, ("Host", "evil.example:9025"),
                ("Origin", "http://evil.example:9025"));
            await IsProblemAsync(point, answer, HttpStatusCode.MisdirectedRequest, "loopback");
        }
    }

    [Fact]
    public async Task Answer_Each_TellsBrowsersToBeStrict()
    {
        foreach (var point in _all.Where(static p => p.Method == HttpMethod.Get)
            .Append(new Described(HttpMethod.Get, "/metrics", false, []))
                .Append(new Described(HttpMethod.Get, "/openapi/v1.json", false, [])))
        {
            using var answer = await AskAsync(point);
            IsStrict(point, answer);
        }
    }

    [Fact]
    public async Task Refusal_OfAVeryLargeRule_IsShort()
    {
        var rule = JsonSerializer.Serialize(Enumerable.Range(0, 20_000).ToDictionary(static n => $"k{n}", static _ => 0));
        using var answer = await AskAsync(new Described(HttpMethod.Put, "/api/v1/faults/rules/x", true, []), Json(rule));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var problem = await answer.Content.ReadAsStringAsync();
        Assert.InRange(problem.Length, 1, 20_000);
        Assert.Equal(20, JsonElement.Parse(problem).GetProperty("errors").GetArrayLength());
    }

    [Theory]
    [InlineData("""{"ttl":"LONG","at":"rcpt","action":{"type":"reply","code":451}}""")]
    [InlineData("""{"ttl":"00:01:00","at":"rcpt","action":{"type":"LONG"}}""")]
    [InlineData("""{"LONG":"00:01:00","at":"rcpt","action":{"type":"reply","code":451}}""")]
    [InlineData("""{"ttl":"00:01:00","at":"rcpt","match":{"clientCidr":["LONG"]},"action":{"type":"reply","code":451}}""")]
    public async Task Refusal_OfAVeryLongValue_IsShort(string rule)
    {
        using var answer = await AskAsync(new Described(HttpMethod.Put, "/api/v1/faults/rules/x", true, []),
            Json(rule.Replace("LONG", new string('x', 200_000), StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.InRange((await answer.Content.ReadAsStringAsync()).Length, 1, 5_000);
    }

    [Fact]
    public async Task Description_Each_NamesTheRefusals()
    {
        Assert.All(_all, static point => Assert.Superset(new HashSet<string> { "401", "413", "421", "429" }, point.Answers.ToHashSet()));
        Assert.All(_all.Where(static p => p.TakesBody),
            static point => Assert.Superset(new HashSet<string> { "400", "403", "415" }, point.Answers.ToHashSet()));
        var document = JsonElement.Parse(await _http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.False(document.TryGetProperty("security", out _));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static void IsStrict(Described point, HttpResponseMessage answer)
    {
        string Header(string name) =>
            answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : $"{point.Method} {point.Path}: no {name}";
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", Header("Content-Security-Policy"),
            StringComparison.Ordinal);
        Assert.EndsWith("frame-ancestors 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal(
            ["nosniff", "DENY", "no-referrer", "same-origin", "no-store"],
            ((string[])["X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"])
                .Select(Header));
    }

    private static async Task IsProblemAsync(Described point, HttpResponseMessage answer, HttpStatusCode status, string words)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{point.Method} {point.Path}: {answer.StatusCode}, not {status}: {body}");
        IsStrict(point, answer);
        if (point.Method == HttpMethod.Head)
        {
            return;
        }

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(words, JsonElement.Parse(body) is var problem
            ? $"{problem.GetProperty("title")} {problem.GetProperty("detail")}" : "", StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> AskAsync(Described point, HttpContent? body = null,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(point.Method, point.Path) { Content = body };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // Streams have no end.
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>A body of JSON whose length is not told beforehand.</summary>
    private sealed class Unannounced : HttpContent
    {
        private readonly int _length;

        public Unannounced(int length)
        {
            _length = length;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync(Encoding.ASCII.GetBytes(new string(' ', _length))).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
