using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Admin.Requests;

namespace SmtpProxy.Tests.Admin;

public sealed class LoginsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Login_IsGoodForTwelveHours_AndNoLonger()
    {
        var logins = new Logins("0123456789abcdef", _time);
        var browser = LogIn(logins);
        _time.Advance(Logins.Lasts - TimeSpan.FromTicks(1));
        Assert.True(logins.IsIn(browser));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(logins.IsIn(browser));
        // Nor after somebody else came, which makes room.
        LogIn(logins);
        Assert.False(logins.IsIn(browser));
    }

    [Fact]
    public void Logins_MoreThanAreRemembered_EndTheFirst()
    {
        var logins = new Logins("0123456789abcdef", _time);
        var browsers = new List<HttpRequest>();
        for (var n = 0; n < 257; n++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            browsers.Add(LogIn(logins));
        }

        Assert.False(logins.IsIn(browsers[0]));
        Assert.All(browsers.Skip(1), browser => Assert.True(logins.IsIn(browser)));
    }

    /// <summary>Whatever this server takes for its cookie must not get to others: it takes a comma for a separator, and any case for the
    /// name.</summary>
    [Theory]
    [InlineData("smtpproxy=abc", "")]
    [InlineData("a=1; smtpproxy=abc; b=2", "a=1; b=2")]
    [InlineData("a=1, smtpproxy=abc", "a=1")]
    [InlineData("a=1,smtpproxy=abc;b=2", "a=1;b=2")]
    [InlineData("SMTPPROXY=abc; b=2", "b=2")]
    [InlineData("smtpproxy=\"abc\"; b=2", "b=2")]
    [InlineData("smtpproxy=abc; smtpproxy=def; smtpproxy2=x", "smtpproxy2=x")]
    [InlineData("xsmtpproxy=abc", "xsmtpproxy=abc")]
    public void Cookie_OfALogin_IsHiddenHoweverItIsWritten(string sent, string left)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Cookie = sent;
        Logins.Hide(request);
        Assert.Equal(left, request.Headers.Cookie.ToString());
        Assert.False(request.Cookies.ContainsKey(Logins.Cookie));
    }

    private static HttpRequest LogIn(Logins logins)
    {
        var context = new DefaultHttpContext();
        logins.LogIn(context);
        var browser = new DefaultHttpContext().Request;
        browser.Headers.Cookie = context.Response.Headers.SetCookie.ToString().Split(';')[0];
        return browser;
    }
}
