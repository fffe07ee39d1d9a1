using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace SmtpProxy.Mutation;

/// <summary>A process that runs tests, and is ended when a mutant never comes back.</summary>
internal sealed class Worker : IDisposable
{
    /// <summary>Seconds between two looks at whether it still does something.</summary>
    private const double Look = 0.5;

    /// <summary>Tests that play what is random play less of it: who survives has met all of it, each time.</summary>
    private static readonly (string, string)[] Fewer = [("SMTPPROXY_DIALOGUES", "120"), ("SMTPPROXY_FUZZ", "50")];

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <summary>Starts one.</summary>
    /// <param name="folder">Where the tests, the mutated product and this program's copy are.</param>
    /// <param name="tests">The assembly of the tests.</param>
    /// <param name="product">The assembly that is mutated.</param>
    /// <param name="active">The mutant that is on from the start, or 0.</param>
    public Worker(string folder, string tests, string product, int active)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "exec", "--depsfile", Path.Combine(folder, tests + ".deps.json"),
            "--runtimeconfig", Path.Combine(folder, tests + ".runtimeconfig.json"),
            Path.Combine(folder, "SmtpProxy.Mutation.dll"), "--host", tests, product, active.ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A mutant that takes memory without end meets its end itself.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x60000000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        foreach (var (few, many) in Fewer)
        {
            start.Environment.TryAdd(few, many);
        }

        _process = Process.Start(start)!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        _ = Task.Run(async () =>
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                _lines.Writer.TryWrite(line);
            }

            _lines.Writer.Complete();
        });
    }

    /// <summary>How many mutants it has tried.</summary>
    public int Tried { get; private set; }

    /// <summary>To be called once, first.</summary>
    public async Task ReadyAsync() => _ = await LineAsync(TimeSpan.FromMinutes(5));

    /// <summary>The tests that are there.</summary>
    public IAsyncEnumerable<string> ListAsync() => LinesAsync("list", "listed");

    /// <summary>What each of these tests reaches.</summary>
    public IAsyncEnumerable<string> WatchAsync(IEnumerable<string> tests) =>
        LinesAsync(string.Join(' ', tests.Prepend("watch")), "watched");

    /// <summary>Tries a mutant.</summary>
    /// <returns>"killed TEST", "survived", "spoilt", "crashed" or "late"; after the last three it is of no use any more.</returns>
    public async Task<string> TryAsync(int mutant, IEnumerable<(double Milliseconds, IReadOnlyList<string> Tests)> groups)
    {
        Tried++;
        Tell($"try {mutant.ToString(CultureInfo.InvariantCulture)} " + string.Join(' ', groups.Select(static g =>
            $"{g.Milliseconds.ToString("0", CultureInfo.InvariantCulture)}:{string.Join(',', g.Tests)}")));
        var usual = TimeSpan.Zero;
        while (true)
        {
            var line = await LineAsync(usual);
            if (line?.StartsWith("group ", StringComparison.Ordinal) == true)
            {
                usual = TimeSpan.FromMilliseconds(double.Parse(line[6..], CultureInfo.InvariantCulture));
                continue;
            }

            return line ?? (_process.HasExited || _lines.Reader.Completion.IsCompleted ? "crashed" : "late");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private async IAsyncEnumerable<string> LinesAsync(string question, string end)
    {
        Tell(question);
        while (await LineAsync(TimeSpan.FromMinutes(10)) is { } line)
        {
            if (line == end)
            {
                yield break;
            }

            yield return line;
        }

        throw new InvalidOperationException("the tests ended their process, without a mutant");
    }

    private void Tell(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended, which its output tells.
        }
    }

    /// <summary>The next line; null where it ended, used six times the processor time that is usual, or stands still.</summary>
    private async Task<string?> LineAsync(TimeSpan usual)
    {
        var watch = Stopwatch.StartNew();
        var (began, idle) = (Busy(), 0.0);
        var last = began;
        while (true)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(Look));
            try
            {
                return await _lines.Reader.ReadAsync(soon.Token);
            }
            catch (ChannelClosedException)
            {
                return null;
            }
            catch (OperationCanceledException)
            {
                var busy = Busy();
                // On a machine that is busy with other things it waits for a processor: then it does not stand still.
                idle = busy.Wanted - last.Wanted < 0.02 * Look ? idle + Look : 0;
                last = busy;
                if (busy.Used - began.Used > 4 + 6 * usual.TotalSeconds || idle > 3 + 2 * usual.TotalSeconds
                    || watch.Elapsed > TimeSpan.FromMinutes(10) + 10 * usual)
                {
                    return null;
                }
            }
        }
    }

    /// <summary>Seconds of a processor that its threads used, and that they used or waited for.</summary>
    private (double Used, double Wanted) Busy()
    {
        var (used, waited) = (0.0, 0.0);
        try
        {
            foreach (var task in Directory.EnumerateDirectories($"/proc/{_process.Id}/task"))
            {
                var words = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ');
                used += double.Parse(words[0], CultureInfo.InvariantCulture) / 1e9;
                waited += double.Parse(words[1], CultureInfo.InvariantCulture) / 1e9;
            }
        }
        catch (IOException)
        {
            // A thread, or the process, has ended meanwhile.
        }

        return (used, used + waited);
    }
}
