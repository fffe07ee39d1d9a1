namespace SmtpProxy.Transport.Portable;

/// <summary>Signals from other threads that wait for the executor. Equal ones wait once, so that the box does not grow with
/// how often they are sent.</summary>
internal sealed class SignalBox
{
    private readonly Lock _lock = new();
    private readonly List<int> _waiting = [];

    public void Add(int what)
    {
        lock (_lock)
        {
            if (!_waiting.Contains(what))
            {
                _waiting.Add(what);
            }
        }
    }

    /// <summary>Takes the oldest.</summary>
    public bool TryTake(out int what)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                what = 0;
                return false;
            }

            what = _waiting[0];
            _waiting.RemoveAt(0);
            return true;
        }
    }
}
