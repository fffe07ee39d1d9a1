namespace SmtpProxy.Transport.Resources;

/// <summary>Lets a message through once a minute, or as often as it is told to: what lasts, or comes again and again, shall not fill the log. Thread-safe.</summary>
/// <param name="period">Milliseconds between two.</param>
internal sealed class Reminder(long period = Reminder.Minute)
{
    private const long Minute = 60_000;
    private long _next = long.MinValue;

    /// <summary>Whether it is to be told now.</summary>
    public bool IsDue()
    {
        var (now, next) = (Environment.TickCount64, Volatile.Read(ref _next));
        return now >= next && Interlocked.CompareExchange(ref _next, now + period, next) == next;
    }
}
