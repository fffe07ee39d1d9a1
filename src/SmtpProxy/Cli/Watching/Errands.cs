using SmtpProxy.Cli.Faults;

namespace SmtpProxy.Cli.Watching;

/// <summary>What a screen asks for while it goes on to obey keys: a proxy that does not answer holds up nothing, and least of all a halt.
/// What comes of each is taken by the screen's own loop, so that nothing changes while it draws.</summary>
internal sealed class Errands
{
    private readonly Dictionary<string, (Task Task, Action Take)> _running = new(StringComparer.Ordinal);

    /// <summary>Sends one out; nothing happens where one of its name is still out.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="take">Takes what was answered.</param>
    /// <param name="refused">Takes why it was not.</param>
    public void Send<T>(string name, Func<Task<T>> ask, Action<T> take, Action<string> refused)
    {
        if (_running.ContainsKey(name))
        {
            return;
        }

        var task = ask();
        _running[name] = (task, () =>
        {
            try
            {
                take(task.GetAwaiter().GetResult());
            }
            catch (FaultsRefusedException e)
            {
                refused(e.Message);
            }
        });
    }

    /// <summary>Takes what has come back.</summary>
    public void Take()
    {
        foreach (var (name, (_, take)) in _running.Where(static r => r.Value.Task.IsCompleted).ToList())
        {
            _running.Remove(name);
            take();
        }
    }
}
