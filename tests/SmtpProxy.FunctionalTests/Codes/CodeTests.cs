using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Codes;

/// <summary>Codes explained, through the command line and over HTTP.</summary>
public sealed class CodeTests
{
    [Fact]
    public async Task Code_TwoCodes_AreShownSideBySide()
    {
        var (code, output, _) = await ProxyProcess.RunAsync("code", "220", "354");

        Assert.Equal(0, code);
        Assert.Matches("name +Service ready +Start mail input", output);
    }

    [Fact]
    public async Task Code_ReplyLineAsJson_IsTheEntry()
    {
        var (code, output, _) = await ProxyProcess.RunAsync("code", "550 5.7.26 This mail is unauthenticated", "--json");

        Assert.Equal(0, code);
        var answer = JsonElement.Parse(output)[0];
        Assert.Equal(550, answer.GetProperty("code").GetInt32());
        Assert.Equal("X.7.26", answer.GetProperty("enhanced").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Code_NoCode_IsRefusedWithTheRemedy()
    {
        var (code, _, errors) = await ProxyProcess.RunAsync("code", "hello");

        Assert.Equal(1, code);
        Assert.Contains("\"hello\" is no reply code: write one such as 354", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Codes_OverHttp_AreTheSame()
    {
        await using var proxy = await ProxyProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = proxy.Admin };

        var one = await http.GetFromJsonAsync<JsonElement>("/api/v1/codes/354");
        var line = await http.GetFromJsonAsync<JsonElement>("/api/v1/codes?line=" + Uri.EscapeDataString("450 4.2.0 Greylisted"));
        using var none = await http.GetAsync(new Uri("/api/v1/codes/hello", UriKind.Relative));

        Assert.Equal("Start mail input", one.GetProperty("reply").GetProperty("name").GetString());
        Assert.Equal("4.2.0", line.GetProperty("enhancedCode").GetString());
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }
}
