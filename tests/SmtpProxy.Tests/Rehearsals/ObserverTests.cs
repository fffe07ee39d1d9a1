using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Tests.Rehearsals;

/// <summary>When all has been seen of a phase, and what could not be.</summary>
public sealed class ObserverTests
{
    private readonly StubProxyApi _proxy = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task LastSession_ThatIsCountedLate_IsWaitedForHoweverLongTheClientWasSilent()
    {
        var observer = await BeginAsync();
        await LookAsync(observer, 10_000, isOver: false);
        // The client is done; its only session has left the open ones and is not among the ended yet.
        _proxy.Between = 1;
        for (var n = 0; n < 10; n++)
        {
            await LookAsync(observer, 100, isOver: true);
            Assert.False(observer.IsSettled);
        }

        (_proxy.Between, _) = (0, Add("s1"));
        for (var n = 0; n < 10; n++)
        {
            await LookAsync(observer, 100, isOver: true);
        }

        Assert.True(observer.IsSettled);
        Assert.Equal("s1", Assert.Single(observer.Seen(1, 0).Sessions).Id);
    }

    /// <summary>Where others are always active, two seconds of silence are the end.</summary>
    [Fact]
    public async Task OthersThatStay_DoNotKeepAPhaseOpen()
    {
        var observer = await BeginAsync();
        _proxy.Between = 3;
        await LookAsync(observer, 100, isOver: true);
        await LookAsync(observer, 2_100, isOver: true);
        Assert.True(observer.IsSettled);
    }

    [Fact]
    public async Task Session_ThatIsNoLongerKept_IsMissed()
    {
        var observer = await BeginAsync();
        Add("s1");
        Add("s2");
        _proxy.Gone.Add("s1");
        await LookAsync(observer, 100, isOver: true);
        var seen = observer.Seen(1, 0);
        Assert.Equal((1L, "s2"), (seen.Missed, Assert.Single(seen.Sessions).Id));
    }

    [Fact]
    public async Task Proxy_ThatWasRestarted_EndsTheRehearsal()
    {
        Add("before");
        Add("before-too");
        var observer = await BeginAsync();
        _proxy.Ended.Clear();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => observer.LookAsync(isOver: false));
        Assert.Contains("was restarted", refused.Message, StringComparison.Ordinal);
    }

    private Task<Observer> BeginAsync() => Observer.BeginAsync(_proxy, static _ => true, _time, needsMetrics: false, null);

    private bool Add(string id)
    {
        _proxy.Ended.Add(id);
        return true;
    }

    private async Task LookAsync(Observer observer, int after, bool isOver)
    {
        _time.Advance(TimeSpan.FromMilliseconds(after));
        await observer.LookAsync(isOver);
    }
}
