namespace SmtpProxy.Faults.Counting;

/// <summary>How often something happened in the last minutes, counted by the second; not thread-safe.</summary>
internal sealed class SlidingCount(int seconds = 300)
{
    private readonly long[] _counts = new long[seconds];
    private long _second;
    private long _total;

    /// <summary>Counts one at this time.</summary>
    public void Add(DateTimeOffset now)
    {
        Advance(now);
        _counts[_second % seconds]++;
        _total++;
    }

    /// <summary>Returns how many were counted in the last seconds.</summary>
    public long Total(DateTimeOffset now)
    {
        Advance(now);
        return _total;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        _total = 0;
    }

    private void Advance(DateTimeOffset now)
    {
        // Callers race by a moment; what is further back is a clock that was put back, and would stand still for as long.
        const int Race = 5;
        var second = now.ToUnixTimeSeconds();
        if (second - _second >= seconds || _second - second > Race)
        {
            Clear();
            _second = second;
        }

        while (_second < second)
        {
            _second++;
            _total -= _counts[_second % seconds];
            _counts[_second % seconds] = 0;
        }
    }
}
