using System.Diagnostics;

namespace SmtpProxy.FunctionalTests.Support.Programs;

/// <summary>A run in a process of its own, which ends with it.</summary>
internal sealed class OwnProcess : IProgramRun
{
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="start">How.</param>
    public OwnProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        Id = _process.Id;
        Exit = RunAsync();
    }

    /// <inheritdoc/>
    public int Id { get; }

    /// <inheritdoc/>
    public OutputLines Output { get; } = new();

    /// <inheritdoc/>
    public OutputLines Errors { get; } = new();

    /// <inheritdoc/>
    public Task<int> Exit { get; }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await Exit.WaitAsync(ProxyProcess.Patience);
        _process.Dispose();
    }

    private async Task<int> RunAsync()
    {
        await Task.WhenAll(Output.ReadAsync(_process.StandardOutput), Errors.ReadAsync(_process.StandardError),
            _process.WaitForExitAsync());
        return _process.ExitCode;
    }
}
