using System.Runtime.InteropServices;
using SmtpProxy.Cli.Help;

namespace SmtpProxy.Cli.Running;

/// <summary>Signals that end the process: the first lets it finish its work, the second does not.</summary>
internal sealed class SignalLifetime(IHostApplicationLifetime lifetime) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _received;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, Received));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(static s => s.Dispose());

    private void Received(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _received) > 1)
        {
            Environment.Exit(ExitCode.Interrupted);
        }

        context.Cancel = true;
        lifetime.StopApplication();
    }
}
