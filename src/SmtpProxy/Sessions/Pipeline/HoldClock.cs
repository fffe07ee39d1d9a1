namespace SmtpProxy.Sessions.Pipeline;

/// <summary>The session's time without what faults added to it: it stands still while anything is held, so that no latency that is measured
/// with it contains an injected delay. In <see cref="System.Diagnostics.Stopwatch"/> ticks. Written on the session's loop.</summary>
internal struct HoldClock
{
    private long _since;
    private long _released;
    private long _lastBegan;
    private long _lastTook;
    private int _holds;

    /// <summary>Whether anything is held.</summary>
    public readonly bool IsHolding => _holds > 0;

    /// <summary>For how long the clock has stood still, up to the last time that all that was held went on.</summary>
    public long Held { get; private set; }

    /// <summary>Since when something is held; 0: nothing is. Any thread may ask.</summary>
    public long Since => Volatile.Read(ref _since);

    /// <summary>When all that was held went on last; 0: never. Any thread may ask.</summary>
    public long ReleasedAt => Volatile.Read(ref _released);

    /// <summary>Something is held from now on.</summary>
    public void Begin(long now)
    {
        if (_holds++ == 0)
        {
            Volatile.Write(ref _since, now);
        }
    }

    /// <summary>It goes on.</summary>
    public void End(long now)
    {
        if (--_holds > 0)
        {
            return;
        }

        (_lastBegan, _lastTook) = (_since, Math.Max(0, now - _since));
        Held += _lastTook;
        Volatile.Write(ref _released, now);
        Volatile.Write(ref _since, 0);
    }

    /// <summary>The session's time at this real time, which may be before the end of the last hold: octets that came
    /// meanwhile came when it began.</summary>
    public readonly long At(long now) => IsHolding ? Math.Min(now, _since) - Held
        : now < _lastBegan + _lastTook ? Math.Min(now, _lastBegan) - (Held - _lastTook)
        : now - Held;
}
