using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>How many traces may be begun: a share by lot, and a cap per second for all, so that a relay that refuses everything does not
/// turn into a flood of spans. Thread-safe.</summary>
/// <param name="share">Of all sessions, from 0 to 1.</param>
/// <param name="perSecond">Traces per second, over whole seconds.</param>
internal sealed class TraceBudget(double share, int perSecond)
{
    private readonly PerSecond _taken = new();

    /// <summary>Returns whether the lot falls on a session, or transaction, that nothing else distinguishes.</summary>
    public bool Draw() => share > 0 && (share >= 1 || Random.Shared.NextDouble() < share);

    /// <summary>Takes one of this second's traces. Returns false when they are taken.</summary>
    /// <param name="reason">What for. Lots take at most half of a second's traces: what went wrong goes first.</param>
    /// <param name="at">Now, in ticks of the monotonic clock.</param>
    public bool TryTake(KeepReason reason, long at) =>
        _taken.TryTake(reason == KeepReason.Head ? perSecond - (perSecond / 2) : perSecond, at);
}
