using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Failures;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry;

/// <summary>Looks every second for sessions that have waited for a relay for too long.</summary>
internal sealed class WaitWatch(OpenSessions sessions, WaitLog log, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>Looks now.</summary>
    public void Look() => log.Look(sessions.Now().Where(static w => WaitingFor.IsRelay(w.Group.What)).Select(static w =>
        new WaitNote(WaitingFor.NameOf(w.Group.What), w.Group.Way.Cluster, w.Group.Way.Destination, w.Count, w.Oldest,
            w.First.Session.Id)));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Where the start of another part fails the host takes this for a failure of ours, and would log it over the real one.
        }
    }
}
