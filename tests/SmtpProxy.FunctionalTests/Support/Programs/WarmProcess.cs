using System.Collections.Concurrent;
using System.Diagnostics;

namespace SmtpProxy.FunctionalTests.Support.Programs;

/// <summary>
/// A process that runs the program again and again, one run at a time: most of what a start costs is paid by the first. A run has the
/// process's outputs, signals, descriptors and working directory to itself; what it does not have is a heap,
/// limits and runtime settings of its own.
/// </summary>
internal sealed class WarmProcess
{
    private static readonly ConcurrentBag<WarmProcess> Idle = [];
    private readonly Process _process;
    private readonly Lock _ending = new();
    private volatile WarmRun? _run;
    private bool _isKilled;

    private WarmProcess()
    {
        var start = ProgramStart.Command([], Path.GetTempPath());
        start.RedirectStandardInput = true;
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(WarmProcess).Assembly.Location;
        _process = Process.Start(start)!;
        Id = _process.Id;
        _ = ReadAsync(_process.StandardOutput, static run => run.Output);
        _ = ReadAsync(_process.StandardError, static run => run.Errors);
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Begins a run in a process that is free, or in a new one.</summary>
    /// <param name="folder">Its working directory.</param>
    /// <param name="environment">Variables that it gets.</param>
    /// <param name="arguments">Its arguments.</param>
    public static WarmRun Begin(string folder, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments)
    {
        while (true)
        {
            var process = Idle.TryTake(out var idle) ? idle : new WarmProcess();
            var run = new WarmRun(process);
            process._run = run;
            try
            {
                process.Tell(WarmLine.Run(folder, environment, arguments));
                return run;
            }
            catch (IOException) when (idle is not null)
            {
                // It died while nobody needed it.
            }
        }
    }

    /// <summary>Asks it to end the run that is on.</summary>
    public void Stop()
    {
        try
        {
            Tell(WarmLine.Stop);
        }
        catch (IOException)
        {
            // It has gone, and the run with it.
        }
    }

    /// <summary>Ends it.</summary>
    public void Kill()
    {
        lock (_ending)
        {
            _isKilled = true;
            _process.Kill();
        }
    }

    /// <summary>Others may use it.</summary>
    public void Return()
    {
        lock (_ending)
        {
            if (!_isKilled)
            {
                Idle.Add(this);
            }
        }
    }

    private void Tell(string line)
    {
        lock (_process)
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
    }

    private async Task ReadAsync(StreamReader reader, Func<WarmRun, OutputLines> lines)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            var run = _run!;
            var isEnd = WarmLine.IsEnd(line, out var before, out var code);
            if (!isEnd || before.Length > 0)
            {
                lines(run).Add(before);
            }

            if (isEnd)
            {
                lines(run).End();
                run.OutputEnded(code);
            }
        }

        // Killed, or dead: between two runs nobody minds.
        await _process.WaitForExitAsync().ConfigureAwait(false);
        if (_run is { } last)
        {
            lines(last).End();
            last.Died(_process.ExitCode);
        }
    }
}
