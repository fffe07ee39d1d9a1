namespace SmtpProxy.Sessions;

/// <summary>Whether the proxy takes sessions, and through which listeners. Thread-safe.</summary>
public sealed class Readiness
{
    private readonly Lock _changing = new();
    private IReadOnlyList<string> _listeners = [];
    private volatile string? _reason = "starting";

    /// <summary>Why it does not take sessions now; null when it does.</summary>
    public string? Reason => _reason;

    /// <summary>What listens, a line each: <c>inbound 127.0.0.1:2525 -> relays</c>.</summary>
    public IReadOnlyList<string> Listeners => _listeners;

    /// <summary>Something listens.</summary>
    public void Listening(string line)
    {
        lock (_changing)
        {
            _listeners = [.. _listeners, line];
        }
    }

    /// <summary>Everything that was to listen does.</summary>
    public void Ready() => _reason = null;

    /// <summary>It was asked to stop: nobody shall be sent here any more, whether or not it still listens.</summary>
    public void Stopping() => _reason = "stopping";
}
