using System.Diagnostics;

namespace SmtpProxy.Sessions;

/// <summary>How long the next octets of a message may take. The time for a block is spent while its client is waited for, and earned again
/// by what it sends: who sends in bursts has all of it before each, and who sends one octet now and then has spent it in the
/// end. Time is handed in.</summary>
/// <param name="block">The longest silence.</param>
/// <param name="rate">Octets that earn a second; 0 = any octet earns the whole time again.</param>
internal sealed class DataPace(TimeSpan block, int rate)
{
    private TimeSpan _left;
    private long _since = -1;

    /// <summary>Whether it is more the pace than a silence for which the time may run out.</summary>
    public bool IsSlow { get; private set; }

    /// <summary>Octets came; answers how long the next may take.</summary>
    public TimeSpan Next(long octets, long now)
    {
        if (_since < 0 || rate <= 0)
        {
            _left = block;
        }
        else
        {
            var earned = TimeSpan.FromSeconds(Math.Min((double)octets / rate, block.TotalSeconds));
            _left = _left - Stopwatch.GetElapsedTime(_since, now) + earned;
            _left = _left > block ? block : _left < TimeSpan.Zero ? TimeSpan.Zero : _left;
        }

        _since = now;
        IsSlow = _left < block / 2;
        return _left;
    }

    /// <summary>The client is not waited for.</summary>
    public void Stop() => (_since, IsSlow) = (-1, false);
}
