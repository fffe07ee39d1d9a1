using System.Runtime.InteropServices;

namespace SmtpProxy.Cli.Running;

/// <summary>
/// Signals whose default would end the proxy and that must not: SIGHUP (the journal's writer answers it; a closed terminal sends it too),
/// SIGUSR1 and SIGUSR2, which operators send to other programs for the same, and SIGXFSZ: a file that met its limit (<c>ulimit -f</c>)
/// fails like one on a full disk.
/// </summary>
internal sealed class SurvivedSignals : IDisposable
{
    // Numbers of Linux; .NET takes those that it has no name for as they are.
    private const PosixSignal User1 = (PosixSignal)10, User2 = (PosixSignal)12, FileSize = (PosixSignal)25;

    private readonly PosixSignalRegistration[] _signals =
    [
        .. ((PosixSignal[])[PosixSignal.SIGHUP, .. OperatingSystem.IsLinux() ? (PosixSignal[])[User1, User2, FileSize] : []])
            .Select(static signal => PosixSignalRegistration.Create(signal, static context => context.Cancel = true)),
    ];

    public void Dispose() => Array.ForEach(_signals, static s => s.Dispose());
}
