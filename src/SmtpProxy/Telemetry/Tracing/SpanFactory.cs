using System.Diagnostics;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Makes spans with times of their own, and never leaves one as the thread's current span.</summary>
internal static class SpanFactory
{
    /// <summary>Starts the first span of a new trace. Returns null when nobody takes it.</summary>
    public static Activity? StartRoot(ActivitySource source, string name, DateTime started, ActivityKind kind = ActivityKind.Server,
        IEnumerable<ActivityLink>? links = null)
    {
        // Nothing that happens to be current on this thread is the parent of a session.
        Activity.Current = null;
        return Start(source.CreateActivity(name, kind, default(ActivityContext), null, links), started);
    }

    /// <summary>Starts a span within a trace. Returns null when nobody takes it.</summary>
    public static Activity? StartChild(ActivitySource source, string name, ActivityKind kind, ActivityContext parent, DateTime started,
        IEnumerable<ActivityLink>? links = null) =>
        Start(source.CreateActivity(name, kind, parent, null, links), started);

    /// <summary>Ends a span.</summary>
    public static void End(Activity span, DateTime ended)
    {
        span.SetEndTime(ended);
        span.Stop();
        Activity.Current = null;
    }

    private static Activity? Start(Activity? span, DateTime started)
    {
        span?.SetStartTime(started).Start();
        Activity.Current = null;
        return span;
    }
}
