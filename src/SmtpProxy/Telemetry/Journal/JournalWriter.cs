using System.Runtime.InteropServices;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Turns finished sessions into lines and writes them, away from the loops. Started before the listeners and stopped after them,
/// so that a stop loses no session. While a file cannot be written, sessions wait for it in the queue, whose length bounds them.</summary>
internal sealed class JournalWriter : IHostedService, IDisposable
{
    /// <summary>How often a stop looks whether the reader of a full pipe takes anything, before it gives up.</summary>
    private const int Patience = 100;

    /// <summary>From one try to the next while a pipe is full.</summary>
    private static readonly TimeSpan Full = TimeSpan.FromMilliseconds(10);

    /// <summary>From one try to the next while a file cannot be written.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);

    private readonly JournalQueue _queue;
    private readonly string _path;
    private readonly Action<int> _lost;
    private readonly JournalLog _log;
    private readonly CancellationTokenSource _stopping = new();
    private JournalFile? _file;
    private PosixSignalRegistration? _reopening;
    private Task _run = Task.CompletedTask;

    /// <summary>A stop has waited for the reader of a full pipe, in vain.</summary>
    private bool _hasGivenUp;

    /// <summary>Creates the writer; it opens its file when it is started.</summary>
    /// <param name="queue">What to write.</param>
    /// <param name="path">Where to.</param>
    /// <param name="lost">Called with the number of sessions that could not be written.</param>
    /// <param name="log">For what an operator should see.</param>
    public JournalWriter(JournalQueue queue, string path, Action<int> lost, JournalLog log) =>
        (_queue, _path, _lost, _log) = (queue, path, lost, log);

    /// <summary>Opens the file, and from then on anew at each SIGHUP; throws <see cref="IOException"/> when it cannot be written,
    /// with the key to change.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _file = new JournalFile(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"SmtpProxy:Journal:Path: cannot write '{_path}': {e.Message.TrimEnd('.')}. Give a path that this user may write, or '-'.",
                e);
        }

        _reopening = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => Reopen());
        _run = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Writes what is waiting, and closes the file.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Complete();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
        Dispose();
    }

    public void Dispose()
    {
        _reopening?.Dispose();
        _file?.Dispose();
    }

    private async Task RunAsync()
    {
        using var batch = new JournalBatch();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            // Sessions that ended together are written together; none waits for others.
            while (!batch.IsFull && _queue.Reader.TryRead(out var record))
            {
                Add(batch, record);
            }

            await WriteAllAsync(batch.Lines).ConfigureAwait(false);
            batch.Clear();
        }
    }

    /// <summary>One session that cannot be written, for want of memory perhaps, must not cost those that come after it.</summary>
    private void Add(JournalBatch batch, SessionRecord record)
    {
        try
        {
            batch.Add(record);
        }
        catch (Exception e)
        {
            _lost(1);
            _log.Unwritable(e);
        }

        _queue.Return(record);
    }

    private async ValueTask WriteAllAsync(ReadOnlyMemory<byte> lines)
    {
        try
        {
            await WriteAsync(lines).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Nobody knows how much of it went.
            Lose(lines.Span);
            _log.Failed(_path, e);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> lines)
    {
        var (at, tries, isLastTry) = (0, 0, false);
        while (at < lines.Length)
        {
            try
            {
                var written = _file!.Write(lines.Span[at..]);
                at += written;
                if (written == 0)
                {
                    _hasGivenUp |= _stopping.IsCancellationRequested && ++tries > Patience;
                    if (_hasGivenUp)
                    {
                        // Once for all that wait: there may be many batches of them.
                        Lose(lines.Span[at..]);
                        return;
                    }

                    await Task.Delay(Full).ConfigureAwait(false);
                    continue;
                }

                tries = 0;
                _log.Written(_path);
                if (_file.Stranded is { } why)
                {
                    _log.Stranded(_path, why);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // A full disk must not stop the mail. Whoever reads a pipe next begins with a whole line.
                at = lines.Span[..at].LastIndexOf((byte)'\n') + 1;
                _log.Failed(_path, e);
                if (isLastTry || _file!.IsLost(e))
                {
                    Lose(lines.Span[at..]);
                    return;
                }

                // A stop does not wait for the file; but it may have come right since the last try.
                isLastTry = _stopping.IsCancellationRequested;
                if (!isLastTry)
                {
                    await Task.Delay(Retry, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    /// <summary>For whoever rotates the file and says so. Without that it is noticed at the next line.</summary>
    private void Reopen()
    {
        try
        {
            _file!.Reopen();
            _log.Reopened(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Stranded(_path, e);
        }
    }

    private void Lose(ReadOnlySpan<byte> lines) => _lost(lines.Count((byte)'\n'));
}
