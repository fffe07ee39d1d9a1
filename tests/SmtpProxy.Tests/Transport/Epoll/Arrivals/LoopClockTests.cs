using SmtpProxy.Transport.Epoll.Arrivals;

namespace SmtpProxy.Tests.Transport.Epoll.Arrivals;

/// <summary>In nanoseconds, with stamps that are made up.</summary>
public sealed class LoopClockTests
{
    private const long Ms = 1_000_000;
    private const long Offset = 1_700_000_000_000 * Ms;
    private LoopClock _clock = new(0, Offset);

    [Fact]
    public void Arrived_OfStampedOctets_IsWhenTheKernelHadThem()
    {
        WakeUp(300);
        _clock.Take((300 * Ms) + 20);
        _clock.Stamped(Offset + (120 * Ms), Offset + (300 * Ms) + 20);
        Assert.Equal(120 * Ms, _clock.Arrived);
        Assert.Equal((300 * Ms) + 20, _clock.Now);
    }

    [Fact]
    public void Arrived_OfOctetsWithoutStamp_IsTheWakeUpThatToldOfThem()
    {
        WakeUp(300);
        // Others had their turn first.
        _clock.Take(307 * Ms);
        _clock.Noted();
        Assert.Equal(300 * Ms, _clock.Arrived);
        _clock.Take(308 * Ms);
        _clock.Stamped(0, Offset + (308 * Ms));
        Assert.Equal(300 * Ms, _clock.Arrived);
    }

    [Fact]
    public void Arrived_StampFromBeforeTheLastLook_IsNoOlderThanThat()
    {
        WakeUp(300);
        WakeUp(500);
        _clock.Stamped(Offset + (100 * Ms), Offset + (500 * Ms));
        Assert.Equal(300 * Ms, _clock.Arrived);
    }

    [Fact]
    public void Arrived_StampFromTheFuture_IsNow()
    {
        WakeUp(300);
        _clock.Stamped(Offset + (301 * Ms), Offset + (300 * Ms));
        Assert.Equal(300 * Ms, _clock.Arrived);
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    [InlineData(5)]
    public void Arrived_WallClockWasSet_IsTheWakeUp(long by)
    {
        WakeUp(300);
        _clock.Stamped(Offset + (120 * Ms), Offset + ((300 + by) * Ms));
        Assert.Equal(300 * Ms, _clock.Arrived);
        // From here on it goes by the new time.
        WakeUp(600);
        _clock.Stamped(Offset + ((400 + by) * Ms), Offset + ((600 + by) * Ms));
        Assert.Equal(400 * Ms, _clock.Arrived);
    }

    [Fact]
    public void Arrived_OnceHandled_IsNow()
    {
        WakeUp(300);
        _clock.Stamped(Offset + (120 * Ms), Offset + (300 * Ms));
        _clock.Handled();
        Assert.Equal(300 * Ms, _clock.Arrived);
    }

    [Fact]
    public void Arrived_OfAnEndWithAnAge_IsSoLongBefore()
    {
        WakeUp(300);
        _clock.Aged(80 * Ms);
        Assert.Equal(220 * Ms, _clock.Arrived);
        _clock.Aged(0);
        Assert.Equal(300 * Ms, _clock.Arrived);
        _clock.Aged(700 * Ms);
        Assert.Equal(0, _clock.Arrived);
    }

    [Fact]
    public void MayBeLate_WhereTheLoopLookedAMomentAgo_IsNot()
    {
        WakeUp(300);
        Assert.True(_clock.MayBeLate);
        _clock.WakeUp((300 * Ms) + (Ms / 2), tookAll: true);
        Assert.False(_clock.MayBeLate);
        // The others take long: what waits behind them was there when the loop woke up.
        _clock.Take(302 * Ms);
        Assert.True(_clock.MayBeLate);
    }

    /// <summary>A process that was stopped in its wait wakes up with EINTR first and with its events after that.</summary>
    [Fact]
    public void MayBeLate_AfterAWakeUpThatTookNothing_StillIs()
    {
        WakeUp(300);
        _clock.WakeUp(500 * Ms, tookAll: false);
        _clock.WakeUp((500 * Ms) + 100, tookAll: true);
        Assert.True(_clock.MayBeLate);
        _clock.Stamped(Offset + (350 * Ms), Offset + (500 * Ms) + 100);
        Assert.Equal(350 * Ms, _clock.Arrived);
    }

    [Fact]
    public void IsSampleDue_OnABusyLoop_OnceAMillisecond()
    {
        var samples = 0;
        for (var at = 1; at <= 1000; at++)
        {
            _clock.WakeUp(at * (Ms / 20), tookAll: true);
            if (_clock.IsSampleDue)
            {
                samples++;
                _clock.Stamped(Offset + _clock.Now - 40_000, Offset + _clock.Now);
                Assert.Equal(40_000, _clock.TakeSample());
            }
        }

        Assert.Equal(50, samples);
    }

    private void WakeUp(long milliseconds) => _clock.WakeUp(milliseconds * Ms, tookAll: true);
}
