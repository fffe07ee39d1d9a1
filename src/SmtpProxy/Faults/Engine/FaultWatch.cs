namespace SmtpProxy.Faults.Engine;

/// <summary>Looks after what is armed: ends rules whose life is over, looks for the halt file every second,
/// and warns every minute.</summary>
internal sealed class FaultWatch(FaultEngine engine) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!engine.IsEnabled)
        {
            return;
        }

        using var timer = new PeriodicTimer(Beat, engine.Time);
        engine.Warn();
        try
        {
            for (var beat = 1; await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false); beat++)
            {
                engine.Sweep();
                if (beat % 60 == 0)
                {
                    engine.Warn();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Where the start of another part fails the host takes this for a failure of ours, and would log it over the real one.
        }
    }
}
