using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmtpProxy.FunctionalTests.Admin;

public sealed partial class DocsPageTests
{
    [Fact]
    public async Task Page_HasEveryPathAndObjectOfTheDescription_AndItsLinksLeadSomewhere()
    {
        await using var rig = await AdminRig.StartAsync();
        var document = JsonElement.Parse(await rig.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        using var answer = await rig.AskAsync("/docs");
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        Assert.All(document.GetProperty("paths").EnumerateObject(),
            path => Assert.Contains($"<span class=\"path\">{path.Name}</span>", page, StringComparison.Ordinal));
        Assert.All(document.GetProperty("components").GetProperty("schemas").EnumerateObject(),
            schema => Assert.Contains($"<details id=\"of-{schema.Name}\">", page, StringComparison.Ordinal));
        Assert.Contains(document.GetProperty("info").GetProperty("version").GetString()!, page, StringComparison.Ordinal);
        var links = Link().Matches(page).Select(static m => m.Groups[1].Value).Distinct().ToList();
        Assert.InRange(links.Count, 20, 500);
        Assert.All(links, link => Assert.Contains($"id=\"{link}\"", page, StringComparison.Ordinal));
    }

    /// <summary>A browser applies the style that the policy names by its hash, and nothing else: nothing is
    /// loaded, and nothing runs.</summary>
    [Fact]
    public async Task Page_NeedsNothingThatItsPolicyForbids()
    {
        await using var rig = await AdminRig.StartAsync();
        using var answer = await rig.AskAsync("/docs");
        var page = await answer.Content.ReadAsStringAsync();
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page.Split("<style>")[1].Split("</style>")[0])));
        Assert.Equal($"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.DoesNotMatch("<script|<img|<link|style=|javascript:| on[a-z]+=|https?://[a-z]+\\.(com|net|io)", page);
    }

    [Fact]
    public async Task Page_WhereThereIsAToken_AsksForIt()
    {
        await using var rig = await AdminRig.StartAsync(("SmtpProxy:Admin:BearerToken", "0123456789abcdef"));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync("/docs"));
        using var answer = await rig.AskAsync("/docs", "Bearer 0123456789abcdef");
        Assert.Contains("Every request needs one of these", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [GeneratedRegex("href=\"#([^\"]+)\"")]
    private static partial Regex Link();
}
