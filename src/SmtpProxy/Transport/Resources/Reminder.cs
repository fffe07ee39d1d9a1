namespace SmtpProxy.Transport.Resources;

/// <summary>Lets a message through once a minute: what lasts, or comes again and again, shall not fill the log. Thread-safe.</summary>
internal sealed class Reminder
{
    private const long Minute = 60_000;
    private long _next = long.MinValue;

    /// <summary>Whether it is to be told now.</summary>
    public bool IsDue()
    {
        var (now, next) = (Environment.TickCount64, Volatile.Read(ref _next));
        return now >= next && Interlocked.CompareExchange(ref _next, now + Minute, next) == next;
    }
}
