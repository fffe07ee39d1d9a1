namespace SmtpProxy.FunctionalTests.Support;

/// <summary>The lines that a process has written, and those it has yet to write.</summary>
public sealed class OutputLines
{
    private readonly List<string> _lines = [];
    private readonly List<(Func<string[], bool> Enough, TaskCompletionSource<string[]> Waiter)> _waiters = [];
    private bool _ended;

    /// <summary>The lines so far.</summary>
    public IReadOnlyList<string> SoFar
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>All of it so far, as one text.</summary>
    public string Text => string.Join('\n', SoFar);

    /// <summary>The first lines that satisfy a condition, as many as asked for. Fails when the process ends before.</summary>
    public Task<string[]> AwaitAsync(Func<string, bool> which, int count = 1) =>
        WhenAsync(lines => lines.Count(which) >= count, lines => [.. lines.Where(which).Take(count)]);

    /// <summary>Reads a stream to its end.</summary>
    internal async Task ReadAsync(TextReader reader)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            Add(line);
        }

        End();
    }

    /// <summary>A line was written.</summary>
    internal void Add(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
            Wake();
        }
    }

    /// <summary>No line will follow.</summary>
    internal void End()
    {
        lock (_lines)
        {
            _ended = true;
            Wake();
        }
    }

    private async Task<string[]> WhenAsync(Func<string[], bool> enough, Func<string[], string[]> pick)
    {
        var waiter = new TaskCompletionSource<string[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lines)
        {
            _waiters.Add((enough, waiter));
            Wake();
        }

        return pick(await waiter.Task.WaitAsync(ProxyProcess.Patience).ConfigureAwait(false));
    }

    private void Wake()
    {
        var now = _lines.ToArray();
        _waiters.RemoveAll(w => w.Enough(now) ? w.Waiter.TrySetResult(now)
            : _ended
            && w.Waiter.TrySetException(new InvalidOperationException($"The process ended, having written:\n{string.Join('\n', now)}")));
    }
}
