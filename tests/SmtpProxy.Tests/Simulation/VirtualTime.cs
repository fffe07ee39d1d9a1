using System.Diagnostics;

namespace SmtpProxy.Tests.Simulation;

/// <summary>Time that moves only when the simulation says so, in <see cref="Stopwatch"/> ticks.</summary>
internal sealed class VirtualTime
{
    private const long Start = 1_000_000;

    public long Now { get; private set; } = Start;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(Start, Now);

    public static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    public void Pass(TimeSpan span) => Now += Ticks(span);

    public void PassTo(long moment) => Now = Math.Max(Now, moment);
}
