using System.Diagnostics;
using CsCheck;
using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Epoll.Timers;

namespace SmtpProxy.Tests.Transport.Epoll;

public sealed class TimerWheelTests
{
    private static readonly long s_millisecond = Stopwatch.Frequency / 1000;

    /// <summary>What a deadline may be late by, when the wheel is advanced as soon as it asks to be.</summary>
    private static readonly long s_grain = 4 * s_millisecond;

    // Times of every order: within a slot, a level, across levels, and days.
    private static readonly Gen<long> s_delays = Gen.OneOf(
        Gen.Long[0, 20], Gen.Long[0, 2000], Gen.Long[0, 400_000], Gen.Long[0, 100_000_000]).Select(ms => ms * s_millisecond);

    [Fact]
    public void Advance_AnyDeadlines_EachComesUpOnceAndInTime() =>
        Gen.Select(Gen.Long[0, long.MaxValue / 8], s_delays.List[1, 50]).Sample((start, delays) =>
        {
            var wheel = new TimerWheel(start);
            var entries = delays.Select(delay => new Entry(start + delay)).ToList();
            entries.ForEach(entry => wheel.File(entry, entry.Wanted));
            Run(wheel, start);
            return entries.All(entry => entry.ExpiredAt is var at && at >= entry.Wanted
                && at <= Math.Max(entry.Wanted, start) + (2 * s_grain));
        });

    [Fact]
    public void Remove_SomeOfThem_OnlyTheOthersComeUp() =>
        Gen.Select(s_delays, Gen.Bool).List[1, 50].Sample(plan =>
        {
            var wheel = new TimerWheel(0);
            var entries = plan.Select(p => (Entry: new Entry(p.Item1), Removed: p.Item2)).ToList();
            entries.ForEach(e => wheel.File(e.Entry, e.Entry.Wanted));
            entries.Where(e => e.Removed).ToList().ForEach(e => wheel.Remove(e.Entry));
            Run(wheel, 0);
            return entries.All(e => e.Removed == (e.Entry.ExpiredAt < 0)) && wheel.NextDue == TimerWheel.Never;
        });

    [Fact]
    public void Advance_LongAfterTheDeadlines_AllComeUpAtOnce()
    {
        var wheel = new TimerWheel(0);
        long[] deadlines = [5, 300, 20_000, 4_000_000];
        foreach (var milliseconds in deadlines)
        {
            wheel.File(new Entry(milliseconds * s_millisecond), milliseconds * s_millisecond);
        }

        var due = new List<WheelEntry>();
        wheel.Advance(4_000_010 * s_millisecond, due);
        Assert.Equal(deadlines.Length, due.Count);
    }

    [Fact]
    public void Remove_EntryThatIsNotFiled_DoesNothing()
    {
        var wheel = new TimerWheel(0);
        wheel.Remove(new Entry(1));
        Assert.Equal(TimerWheel.Never, wheel.NextDue);
    }

    /// <summary>Advances from one due time to the next, and files again what came up early, as the loop does.</summary>
    private static void Run(TimerWheel wheel, long now)
    {
        var due = new List<WheelEntry>();
        while (wheel.NextDue is var next && next != TimerWheel.Never)
        {
            Assert.True(next > now, "the wheel does not turn");
            now = next;
            wheel.Advance(now, due);
            foreach (var entry in due.Cast<Entry>())
            {
                Assert.Equal(-1, entry.ExpiredAt);
                if (entry.Wanted <= now)
                {
                    entry.ExpiredAt = now;
                }
                else
                {
                    wheel.File(entry, entry.Wanted);
                }
            }

            due.Clear();
        }
    }

    private sealed class Entry(long wanted) : WheelEntry
    {
        public long Wanted { get; } = wanted;

        public long ExpiredAt { get; set; } = -1;

        internal override void Expire() => throw new InvalidOperationException("The wheel hands entries out and does not expire them.");
    }
}
