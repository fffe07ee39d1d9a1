using System.Diagnostics;

namespace SmtpProxy.Telemetry.Clocks;

/// <summary>Allows so many things a second, counted by whole seconds. Thread-safe.</summary>
internal sealed class PerSecond
{
    private readonly Lock _taking = new();
    private long _second = long.MinValue;
    private int _taken;

    /// <summary>Takes one. Returns false when this second's are taken.</summary>
    /// <param name="limit">How many this second has.</param>
    /// <param name="at">Now, in ticks of the monotonic clock.</param>
    public bool TryTake(int limit, long at)
    {
        lock (_taking)
        {
            var second = at / Stopwatch.Frequency;
            if (second > _second)
            {
                (_second, _taken) = (second, 0);
            }

            if (_taken >= limit)
            {
                return false;
            }

            _taken++;
            return true;
        }
    }
}
