namespace SmtpProxy.Transport.Resources;

/// <summary>Lets a message through once in a period: what lasts, or comes again and again, shall not fill the log. Thread-safe.</summary>
/// <param name="period">Milliseconds between two messages; a minute unless said.</param>
internal sealed class Reminder(long period = Reminder.Minute)
{
    private const long Minute = 60_000;
    private long _next = long.MinValue;

    /// <summary>Whether the message is due: once in each period it is.</summary>
    public bool IsDue()
    {
        var (now, next) = (Environment.TickCount64, Volatile.Read(ref _next));
        return now >= next && Interlocked.CompareExchange(ref _next, now + period, next) == next;
    }
}
