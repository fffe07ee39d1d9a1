namespace SmtpProxy.Sessions.Pipeline;

/// <summary>The session's time without what faults added to it: it stands still while anything is held, so that no latency that is measured with it
/// contains an injected delay. In <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
internal struct HoldClock
{
    private long _since;
    private long _until;
    private long _held;
    private long _last;
    private int _holds;

    /// <summary>Whether anything is held.</summary>
    public readonly bool IsHolding => _holds > 0;

    /// <summary>Something is held from now on.</summary>
    public void Begin(long now)
    {
        if (_holds++ == 0)
        {
            _since = now;
        }
    }

    /// <summary>It goes on.</summary>
    /// <returns>The ticks that the clock stood still, when this was the last that was held; otherwise 0.</returns>
    public long End(long now)
    {
        if (--_holds > 0)
        {
            return 0;
        }

        var held = Math.Max(0, now - _since);
        (_until, _last) = (_since + held, held);
        _held += held;
        return held;
    }

    /// <summary>The session's time at this real time, which may be before the end of the last hold: octets that came meanwhile came when it began.</summary>
    public readonly long At(long now) => IsHolding ? Math.Min(now, _since) - _held : now < _until ? Math.Min(now, _since) - (_held - _last) : now - _held;
}
