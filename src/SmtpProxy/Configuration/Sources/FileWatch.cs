using SmtpProxy.Files;

namespace SmtpProxy.Configuration.Sources;

/// <summary>
/// Tells when files have changed, come or gone. They are looked at every second: a mounted ConfigMap changes by a symbolic link, which file
/// events do not show. Who writes a file empties it first, so a change is told once it has stayed the same from one look to the next.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly IReadOnlyList<string> _paths;
    private readonly Action _changed;
    private readonly Timer _timer;
    private FileStamp[] _told;
    private FileStamp[] _seen;

    /// <summary>Begins to watch.</summary>
    /// <param name="paths">The files; they need not exist.</param>
    /// <param name="changed">Called from a thread of the pool, once at a time. It may take long and must not throw.</param>
    public FileWatch(IReadOnlyList<string> paths, Action changed)
    {
        (_paths, _changed) = (paths, changed);
        _told = _seen = LookAtAll();
        _timer = new Timer(static self => ((FileWatch)self!).Compare(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Wait();
    }

    public void Dispose() => _timer.Dispose();

    private void Compare()
    {
        var now = LookAtAll();
        var isSettled = now.AsSpan().SequenceEqual(_seen);
        _seen = now;
        if (isSettled && !now.AsSpan().SequenceEqual(_told))
        {
            _told = now;
            _changed();
        }

        Wait();
    }

    /// <summary>One look after the other: the next one waits for what the last one set off.</summary>
    private void Wait()
    {
        try
        {
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // It was told to end meanwhile.
        }
    }

    private FileStamp[] LookAtAll() => [.. _paths.Select(FileStamp.Of)];
}
