using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Tests.Sessions.Pipeline;

public sealed class HoldClockTests
{
    private HoldClock _clock;

    [Fact]
    public void At_WhileSomethingIsHeld_StandsStill()
    {
        _clock.Begin(100);
        Assert.Equal([90, 100, 100], [_clock.At(90), _clock.At(100), _clock.At(140)]);
        Assert.Equal((100, 0), (_clock.Since, _clock.ReleasedAt));
        _clock.End(150);
        Assert.Equal((50, 0, 150), (_clock.Held, _clock.Since, _clock.ReleasedAt));
        Assert.Equal([100, 110], [_clock.At(150), _clock.At(160)]);
    }

    /// <summary>What is held twice goes on when both holds are over.</summary>
    [Fact]
    public void At_WhileTwoThingsAreHeld_StandsStillUntilBothGoOn()
    {
        _clock.Begin(100);
        _clock.Begin(120);
        Assert.Equal(100, _clock.Since);
        _clock.End(130);
        Assert.Equal((true, 100, 0, 0), (_clock.IsHolding, _clock.Since, _clock.Held, _clock.ReleasedAt));
        Assert.Equal(100, _clock.At(140));
        _clock.End(150);
        Assert.Equal((false, 0, 50, 150), (_clock.IsHolding, _clock.Since, _clock.Held, _clock.ReleasedAt));
        Assert.Equal(110, _clock.At(160));
    }

    [Fact]
    public void Hold_ThatEndsBeforeItBegan_TookNoTime()
    {
        _clock.Begin(100);
        _clock.End(90);
        Assert.Equal((0, 120), (_clock.Held, _clock.At(120)));
    }

    /// <summary>Octets may have come in a hold, or before it, and are read after it.</summary>
    [Fact]
    public void At_ATimeBeforeTheEndOfTheHold_IsWhatItWasThen()
    {
        _clock.Begin(100);
        _clock.End(150);
        _clock.Begin(200);
        _clock.End(230);
        Assert.Equal([110, 150, 150, 150, 151], [_clock.At(160), _clock.At(200), _clock.At(215), _clock.At(230), _clock.At(231)]);
    }
}
