using SmtpProxy.Faults;
using SmtpProxy.Telemetry;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>The faults of a session, which tells its telemetry as soon as one strikes: an injection is noted when it is over, and a
/// transaction may end before that.</summary>
/// <param name="faults">What strikes.</param>
/// <param name="telemetry">Who is told.</param>
internal sealed class ToldFaults(ISessionFaults faults, SessionTelemetry telemetry) : ISessionFaults
{
    /// <inheritdoc/>
    public bool MayAsk => faults.MayAsk;

    /// <inheritdoc/>
    public Action? Decided { set => faults.Decided = value; }

    /// <inheritdoc/>
    public bool IsArmed => faults.IsArmed;

    /// <inheritdoc/>
    public bool IsAsking(FaultPoint point, FaultFacts facts) => faults.IsAsking(point, facts);

    /// <inheritdoc/>
    public void Forget(FaultPoint point, FaultFacts facts) => faults.Forget(point, facts);

    /// <inheritdoc/>
    public Watch Watches(FaultPoint point) => faults.Watches(point);

    /// <inheritdoc/>
    public long? NextBodyOffset(long after) => faults.NextBodyOffset(after);

    /// <inheritdoc/>
    public TimeSpan? NextIdle(TimeSpan after) => faults.NextIdle(after);

    /// <inheritdoc/>
    public TimeSpan? NextElapsed(TimeSpan after) => faults.NextElapsed(after);

    /// <inheritdoc/>
    public Strike? OnCommand(FaultPoint point, FaultFacts facts) => Told(faults.OnCommand(point, facts));

    /// <inheritdoc/>
    public Strike? OnReply(FaultPoint point, FaultFacts facts) => Told(faults.OnReply(point, facts));

    /// <inheritdoc/>
    public bool AwaitsReply(FaultPoint point, FaultFacts facts) => faults.AwaitsReply(point, facts);

    /// <inheritdoc/>
    public void Over() => faults.Over();

    private Strike? Told(Strike? strike)
    {
        if (strike is not null)
        {
            telemetry.Struck();
        }

        return strike;
    }
}
