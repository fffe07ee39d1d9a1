using SmtpProxy.Admin.Sightings;
using SmtpProxy.Live;

namespace SmtpProxy.Tests.Live;

public sealed class SightingPageTests
{
    [Fact]
    public void Pages_OneAfterTheOther_HoldEachSessionOnce()
    {
        using var live = new LiveTalk();
        for (var n = 0; n < 7; n++)
        {
            live.Deliver();
        }

        live.Talk.Begin();
        live.Talk.Greet();
        live.Talk.Begin();
        live.Talk.Greet();
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var (page, next) = SightingPage.Of(live.Sessions.Newest(), live.Store.Before, new SightingFilter(), cursor, 2);
            Assert.InRange(page.Count, 1, 2);
            Assert.True(next is null || SightingPage.IsCursor(next));
            seen.AddRange(page.Select(static s => s.Facts.Id));
            cursor = next;
        }
        while (cursor is not null);

        Assert.Equal(9, seen.Count);
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
    }

    [Fact]
    public void Page_AfterMoreHaveEnded_GoesOnWhereItWas()
    {
        using var live = new LiveTalk();
        for (var n = 0; n < 4; n++)
        {
            live.Deliver();
        }

        var (_, next) = SightingPage.Of([], live.Store.Before, new SightingFilter(), null, 2);
        live.Deliver();
        var (page, last) = SightingPage.Of([], live.Store.Before, new SightingFilter(), next, 2);
        Assert.Equal([2, 1], page.Select(static s => s.Number));
        Assert.Null(last);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("f-")]
    [InlineData("f-x")]
    [InlineData("o-12")]
    [InlineData("")]
    public void Cursor_ThatNobodyGave_IsNone(string text) => Assert.False(SightingPage.IsCursor(text));
}
