using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Tests.Live;

public sealed class SightingFilterTests
{
    [Theory]
    [InlineData("listener=inbound", true)]
    [InlineData("listener=other", false)]
    [InlineData("listener=other,inbound", true)]
    [InlineData("relay=mx1&cluster=relays", true)]
    [InlineData("relay=mx2", false)]
    [InlineData("code=550", true)]
    [InlineData("code=5xx", true)]
    [InlineData("code=4xx", false)]
    [InlineData("enhanced=5.7.1", true)]
    [InlineData("enhanced=5.7.2", false)]
    [InlineData("outcome=quit", true)]
    [InlineData("outcome=timeout", false)]
    [InlineData("verdict=permfail", true)]
    [InlineData("verdict=accepted", false)]
    [InlineData("diagnosis=greylisted", false)]
    [InlineData("anomaly=bare-lf-data", false)]
    [InlineData("client=192.0.2.7", true)]
    [InlineData("client=192.0.2.0/24", true)]
    [InlineData("client=192.0.2.9/24", true)]
    [InlineData("client=192.0.3.0/24", false)]
    [InlineData("client=2001:db8::/32", false)]
    [InlineData("tls=none", true)]
    [InlineData("tls=starttls,1.3", false)]
    [InlineData("slower_than=1", true)]
    [InlineData("slower_than=60000", false)]
    [InlineData("faulted=false&live=false", true)]
    [InlineData("faulted=true", false)]
    [InlineData("live=true", false)]
    [InlineData("noise=hide", true)]
    [InlineData("code=550&relay=mx2", false)]
    public void Filter_OfEachKind_LetsThroughWhatItNames(string query, bool lets)
    {
        using var live = new LiveTalk();
        var sighting = live.Deliver("550 5.7.1 no");
        Assert.Null(SightingQuery.TryRead(Query(query), out var filter));
        Assert.Equal(lets, filter.Lets(sighting));
    }

    [Theory]
    [InlineData("code=zz")]
    [InlineData("code=5xxx")]
    [InlineData("outcome=fine")]
    [InlineData("verdict=fine")]
    [InlineData("anomaly=fine")]
    [InlineData("client=192.0.2.0/33")]
    [InlineData("client=example.org")]
    [InlineData("tls=3")]
    [InlineData("slower_than=long")]
    [InlineData("live=perhaps")]
    [InlineData("noise=some")]
    public void Value_ThatIsNone_IsRefusedByItsName(string query)
    {
        var wrong = SightingQuery.TryRead(Query(query), out _);
        Assert.StartsWith(query.Split('=')[0] + ": '", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_OfHealthChecksAndScans_IsHidden()
    {
        using var live = new LiveTalk();
        Assert.Null(SightingQuery.TryRead(Query("noise=hide"), out var filter));
        live.Talk.Greet().Ask("QUIT", "221 Bye").Over();
        Assert.Equal("health_check", LiveTalk.Json(live.Kept()).GetProperty("noise").GetString());
        Assert.False(filter.Lets(live.Kept()));
        live.Talk.Begin();
        live.Talk.Connect().Relay("220 mx").Client("GET / HTTP/1.1").Relay("500 what")
            .Over(SmtpProxy.Telemetry.Facts.SessionOutcome.ClientGone);
        Assert.Equal("scan", LiveTalk.Json(live.Kept()).GetProperty("noise").GetString());
        Assert.False(filter.Lets(live.Kept()));
    }

    private static QueryCollection Query(string text) =>
        new(text.Split('&').Select(static pair => pair.Split('='))
            .ToDictionary(static pair => pair[0], static pair => new StringValues(pair[1])));
}
