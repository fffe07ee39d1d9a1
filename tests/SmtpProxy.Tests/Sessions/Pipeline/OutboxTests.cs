using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>Octets that are slowed down or held back, and what waits behind them.</summary>
public sealed class OutboxTests
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);
    private readonly TestPair _pair = new();
    private readonly Outbox _box;

    public OutboxTests() => _box = new Outbox(_pair, octets => _pair.Told.Add("sent " + Encoding.ASCII.GetString(octets)),
        () => _pair.Told.Add("shut"), new FaultTimers(_pair), FaultTimer.ToClient);

    [Fact]
    public void Octets_WithoutALimit_GoAtOnce()
    {
        Write("abc");
        _box.Shut();
        Assert.Equal("sent abc; shut", _pair.TakeTold());
        Assert.Equal((0, false, false, false), (_box.Waiting, _box.IsHolding, _box.IsFull, _box.IsThrottled));
    }

    [Fact]
    public void Octets_AboveTheBurst_GoAsTimePassesAndTheEndBehindThem()
    {
        _box.Throttle(new ThrottleSpec(100, 3, true, true));
        Assert.True(_box.IsThrottled);
        Write("abcdefghijklmnopqr");
        _box.Shut();
        Assert.Equal("sent abc; Spare 50; Spare 50", _pair.TakeTold());
        Assert.Equal((15, true), (_box.Waiting, _box.IsHolding));
        _pair.Pass(Beat);
        _box.Flush();
        Assert.Equal("sent defgh; Spare 50", _pair.TakeTold());
        _pair.Pass(Beat * 10);
        _box.Flush();
        Assert.Equal("sent ijklm; Spare 50", _pair.TakeTold());
        _pair.Pass(Beat);
        _box.Flush();
        Assert.Equal("sent nopqr; shut", _pair.TakeTold());
        _box.Flush();
        Assert.Equal("", _pair.TakeTold());
    }

    [Fact]
    public void Burst_AboveWhatABeatIsWorth_IsTheMostAtOnce()
    {
        _box.Throttle(new ThrottleSpec(20, 8, true, true));
        Write("abcdefghijklmnopqrstuvwxyz");
        Assert.Equal("sent abcdefgh; Spare 50", _pair.TakeTold());
        _pair.Pass(Beat);
        _box.Flush();
        Assert.Equal("sent i; Spare 50", _pair.TakeTold());
        _pair.Pass(TimeSpan.FromMinutes(1));
        _box.Flush();
        Assert.Equal("sent jklmnopq; Spare 50", _pair.TakeTold());
    }

    [Fact]
    public void Octets_SlowerThanOneABeat_GoOneByOne()
    {
        _box.Throttle(new ThrottleSpec(4, 1, true, true));
        Write("abc");
        Assert.Equal("sent a; Spare 50", _pair.TakeTold());
        for (var n = 0; n < 4; n++)
        {
            _pair.Pass(Beat);
            _box.Flush();
        }

        Assert.Equal("Spare 50; Spare 50; Spare 50; Spare 50", _pair.TakeTold());
        _pair.Pass(Beat);
        _box.Flush();
        Assert.Equal("sent b; Spare 50", _pair.TakeTold());
        Write("defgh");
        _pair.Pass(TimeSpan.FromMinutes(1));
        _box.Flush();
        Assert.Equal("Spare 50; sent c; Spare 50", _pair.TakeTold());
    }

    [Fact]
    public void Limit_ThatIsLifted_LetsAllGo()
    {
        _box.Throttle(new ThrottleSpec(100, 1, true, true));
        Write("abc");
        _box.Throttle(null);
        Assert.Equal("sent a; Spare 50; sent bc", _pair.TakeTold());
        Assert.False(_box.IsThrottled);
    }

    [Fact]
    public void Octets_WhileStalled_WaitWithTheEnd()
    {
        _box.Stall();
        Write("ab");
        Write("c");
        _box.Shut();
        _box.Flush();
        Assert.Equal("", _pair.TakeTold());
        Assert.Equal(3, _box.Waiting);
        _box.Unstall();
        Assert.Equal("sent abc; shut", _pair.TakeTold());
    }

    [Fact]
    public void Octets_BehindThoseThatWait_DoNotOvertakeThem()
    {
        _box.Stall();
        Write("ab");
        _box.Throttle(new ThrottleSpec(1000, 1, true, true));
        _box.Unstall();
        _pair.TakeTold();
        _box.Throttle(null);
        Write("c");
        Assert.Equal("sent b; sent c", _pair.TakeTold());
    }

    [Fact]
    public void Drop_OfAllThatWaits_LeavesNothing()
    {
        _box.Throttle(new ThrottleSpec(10, 1, true, true));
        Write("ab");
        _box.Stall();
        _box.Shut();
        _pair.TakeTold();
        _box.Drop();
        Assert.Equal((0, false), (_box.Waiting, _box.IsThrottled));
        Write("c");
        Assert.Equal("sent c", _pair.TakeTold());
    }

    [Fact]
    public void Full_IsMoreThan64KiB()
    {
        _box.Stall();
        _box.Write(new byte[64 * 1024]);
        Assert.False(_box.IsFull);
        _box.Write(new byte[1]);
        Assert.True(_box.IsFull);
    }

    private void Write(string text) => _box.Write(Encoding.ASCII.GetBytes(text));
}
