using System.Diagnostics;

namespace SmtpProxy.Transport.Portable;

/// <summary>The timers of a pair on one timer of the system, which is armed for the earliest deadline only, and not touched while deadlines
/// move away from it: a session moves them with every command. Used on the pair's executor.</summary>
internal sealed class PairTimers(Action due)
{
    /// <summary>One more than the contract has: when to look whether half-closed connections still stand.</summary>
    public const int Watch = (int)PairTimer.Receipt + 1;

    private readonly long[] _deadlines = [.. Enumerable.Repeat(long.MaxValue, Watch + 1)];
    private ITimer? _timer;
    private long _armedFor = long.MaxValue;

    public void Set(int timer, TimeSpan after)
    {
        _deadlines[timer] = Stopwatch.GetTimestamp() + (long)(Math.Max(0, after.TotalSeconds) * Stopwatch.Frequency);
        Arm(_deadlines[timer]);
    }

    public void Cancel(int timer) => _deadlines[timer] = long.MaxValue;

    /// <summary>Takes a timer that has run out, the earliest first; -1 when there is none.</summary>
    public int TakeDue()
    {
        var earliest = Array.IndexOf(_deadlines, _deadlines.Min());
        if (_deadlines[earliest] > Stopwatch.GetTimestamp())
        {
            return -1;
        }

        Cancel(earliest);
        return earliest;
    }

    /// <summary>After the timer of the system has fired: arms it for what is left.</summary>
    public void Rearm()
    {
        _armedFor = long.MaxValue;
        Arm(_deadlines.Min());
    }

    /// <summary>None runs out any more.</summary>
    public void Stop() => _timer?.Dispose();

    private void Arm(long deadline)
    {
        if (deadline >= _armedFor)
        {
            return;
        }

        _armedFor = deadline;
        _timer ??= TimeProvider.System.CreateTimer(static state => ((Action)state!)(), due, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);

        // Rounded up, or it would fire a little early and once more.
        var milliseconds = Math.Ceiling(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, uint.MaxValue - 2)), Timeout.InfiniteTimeSpan);
    }
}
