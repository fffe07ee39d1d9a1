namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>What a session was told, in order, and a way to wait for it.</summary>
internal sealed class EventLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _events = [];
    private readonly List<(Func<IReadOnlyList<string>, bool> Condition, TaskCompletionSource Met)> _waiting = [];

    public string[] Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public void Add(string what)
    {
        lock (_lock)
        {
            _events.Add(what);
            foreach (var (_, met) in _waiting.Where(w => w.Condition(_events)))
            {
                met.TrySetResult();
            }

            _waiting.RemoveAll(w => w.Met.Task.IsCompleted);
        }
    }

    public Task Saw(string what) => Until(events => events.Contains(what), what);

    public async Task Until(Func<IReadOnlyList<string>, bool> condition, string what)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (condition(_events))
            {
                return;
            }

            _waiting.Add((condition, met));
        }

        try
        {
            await met.Task.WaitAsync(Rig.Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"'{what}' never happened, but: {string.Join(", ", Events.TakeLast(40))}");
        }
    }
}
