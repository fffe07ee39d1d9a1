namespace SmtpProxy.Transport.Epoll.Timers;

/// <summary>Something with a deadline, as the <see cref="TimerWheel"/> keeps it.</summary>
internal abstract class WheelEntry
{
    /// <summary>Where it is filed; below 0 when it is not.</summary>
    internal int Place = -1;

    /// <summary>The deadline it is filed under; <see cref="TimerWheel.Never"/> when it is not.</summary>
    internal long Deadline = TimerWheel.Never;

    internal WheelEntry? Previous;
    internal WheelEntry? Next;

    /// <summary>Its time has come, or an earlier one that it had.</summary>
    internal abstract void Expire();

    /// <summary>It is not filed any more.</summary>
    internal void Forget()
    {
        Place = -1;
        Deadline = TimerWheel.Never;
        Previous = null;
        Next = null;
    }
}
