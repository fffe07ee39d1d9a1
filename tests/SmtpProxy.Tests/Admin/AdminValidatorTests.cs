using Microsoft.Extensions.Configuration;
using SmtpProxy.Admin;

namespace SmtpProxy.Tests.Admin;

public sealed class AdminValidatorTests
{
    private const string Token = "0123456789abcdef";

    [Theory]
    [InlineData("http://127.0.0.1:9025")]
    [InlineData("http://127.3.2.1:9025")]
    [InlineData("http://[::1]:9025")]
    [InlineData("http://localhost:9025")]
    [InlineData("https://LOCALHOST:9025")]
    public void Address_OfLoopback_NeedsNoToken(string url) => Assert.Empty(Validate(url));

    [Theory]
    [InlineData("http://0.0.0.0:9025")]
    [InlineData("http://[::]:9025")]
    [InlineData("http://*:9025")]
    [InlineData("http://+:9025")]
    [InlineData("http://192.0.2.1:9025")]
    [InlineData("http://mail.example:9025")]
    [InlineData("http://localhost.example:9025")]
    [InlineData("nonsense")]
    public void Address_OfAnyOther_NeedsAToken(string url)
    {
        Assert.StartsWith($"Kestrel:Endpoints:Admin:Url: {url} can be reached from other machines; set SmtpProxy:Admin:BearerToken",
            Assert.Single(Validate(url)), StringComparison.Ordinal);
        Assert.Empty(Validate(url, Token));
    }

    [Theory]
    [InlineData("", "shorter than 16 characters")]
    [InlineData("0123456789abcde", "shorter than 16 characters")]
    [InlineData("0123456789abcdef\n", "a character beyond ASCII, which a header cannot carry")]
    [InlineData("0123456789 abcdef", "which a header cannot carry")]
    [InlineData("0123456789abcd\u00e9f", "which a header cannot carry")]
    public void Token_ThatCannotDo_IsRefusedAndNotRepeated(string token, string expected)
    {
        var error = Assert.Single(Validate("http://0.0.0.0:9025", token));
        Assert.StartsWith("SmtpProxy:Admin:BearerToken: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.True(token.Length == 0 || !error.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public void Anonymous_ThreePaths_AreAllowed() => Assert.Empty(Validate("http://0.0.0.0:9025", Token, "/metrics,/healthz , /readyz"));

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/upstreams")]
    [InlineData("metrics")]
    public void Anonymous_AnyOtherPath_IsRefused(string path) =>
        Assert.Equal(
            $"SmtpProxy:Admin:AllowAnonymous: \"{path}\" cannot be exempted from the token; only /metrics, /healthz, /readyz can",
            Assert.Single(Validate("http://0.0.0.0:9025", Token, $"/healthz,{path}")));

    private static string[] Validate(string url, string? token = null, string? anonymous = null) =>
    [
        .. AdminValidator.Validate(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:Admin:Url"] = url,
            ["SmtpProxy:Admin:BearerToken"] = token,
            ["SmtpProxy:Admin:AllowAnonymous"] = anonymous,
        }).Build()),
    ];
}
