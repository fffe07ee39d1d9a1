namespace SmtpProxy.Telemetry.Clocks;

/// <summary>What a session waits for and since when. Written on the session's loop, read by whoever collects: what it reads may be an
/// instant old, and is never a wait that was not.</summary>
internal struct WaitMark
{
    private long _since;
    private int _what;
    private int _which;

    /// <summary>What is waited for.</summary>
    public int What => Volatile.Read(ref _what);

    /// <summary>Since when, in ticks of the monotonic clock.</summary>
    public long Since => Volatile.Read(ref _since);

    /// <summary>Something is waited for.</summary>
    /// <param name="what">What.</param>
    /// <param name="which">Tells one such wait from the next; below 0: each call begins one.</param>
    /// <param name="at">When.</param>
    public void For(int what, int which, long at)
    {
        if (what == _what && which == _which && which >= 0)
        {
            return;
        }

        Volatile.Write(ref _since, at);
        _which = which;
        Volatile.Write(ref _what, what);
    }
}
