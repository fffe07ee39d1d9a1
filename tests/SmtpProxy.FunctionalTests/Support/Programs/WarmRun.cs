namespace SmtpProxy.FunctionalTests.Support.Programs;

/// <summary>A run in a process that may run the program again.</summary>
/// <param name="process">The process, which is this run's until it has ended.</param>
internal sealed class WarmRun(WarmProcess process) : IProgramRun
{
    /// <summary>A run that has not ended by then is ended with its process. A peer that does not close keeps a session for longer; a
    /// transaction in progress, too.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private const int Outputs = 2;
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ended;

    /// <inheritdoc/>
    public int Id => process.Id;

    /// <inheritdoc/>
    public OutputLines Output { get; } = new();

    /// <inheritdoc/>
    public OutputLines Errors { get; } = new();

    /// <inheritdoc/>
    public Task<int> Exit => _exit.Task;

    /// <summary>One of the outputs has been read up to the end of the run.</summary>
    public void OutputEnded(int exitCode)
    {
        if (Interlocked.Increment(ref _ended) == Outputs)
        {
            process.Return();
            _exit.TrySetResult(exitCode);
        }
    }

    /// <summary>The process ended, and not by itself.</summary>
    public void Died(int exitCode)
    {
        if (Interlocked.Add(ref _ended, Outputs) >= 2 * Outputs)
        {
            _exit.TrySetResult(exitCode);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Exit.IsCompleted)
        {
            process.Stop();
            try
            {
                await Exit.WaitAsync(Grace);
            }
            catch (TimeoutException)
            {
                process.Kill();
            }
        }

        await Exit.WaitAsync(ProxyProcess.Patience);
    }
}
