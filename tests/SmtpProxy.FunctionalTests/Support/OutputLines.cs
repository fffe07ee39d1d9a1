namespace SmtpProxy.FunctionalTests.Support;

/// <summary>The lines that a process has written, and those it has yet to write.</summary>
public sealed class OutputLines
{
    private readonly List<string> _lines = [];
    private readonly List<Waiter> _waiters = [];
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
    public async Task<string[]> AwaitAsync(Func<string, bool> which, int count = 1)
    {
        if (count <= 0)
        {
            return [];
        }

        var waiter = new Waiter(which, count);
        lock (_lines)
        {
            if (!_lines.Exists(waiter.Sees))
            {
                _waiters.Add(waiter);
                FailIfEnded();
            }
        }

        return await waiter.Lines.WaitAsync(ProxyProcess.Patience).ConfigureAwait(false);
    }

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
            _waiters.RemoveAll(waiter => waiter.Sees(line));
        }
    }

    /// <summary>No line will follow.</summary>
    internal void End()
    {
        lock (_lines)
        {
            _ended = true;
            FailIfEnded();
        }
    }

    private void FailIfEnded()
    {
        if (_ended)
        {
            _waiters.ForEach(waiter => waiter.Fail($"The process ended, having written:\n{string.Join('\n', _lines)}"));
            _waiters.Clear();
        }
    }

    /// <summary>Somebody who waits for lines. Sees each once: a crowd's journal has ten thousand.</summary>
    private sealed class Waiter(Func<string, bool> which, int count)
    {
        private readonly TaskCompletionSource<string[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<string> _found = [];

        public Task<string[]> Lines => _done.Task;

        /// <summary>The next line. True: that was the last one that was waited for.</summary>
        public bool Sees(string line)
        {
            if (which(line))
            {
                _found.Add(line);
            }

            return _found.Count >= count && _done.TrySetResult([.. _found]);
        }

        public void Fail(string why) => _done.TrySetException(new InvalidOperationException(why));
    }
}
