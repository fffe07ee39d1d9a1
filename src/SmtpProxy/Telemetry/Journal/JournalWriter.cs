using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Turns finished sessions into lines and writes them, away from the loops. Started before the listeners and stopped behind them, so
/// that a stop loses no session.</summary>
internal sealed partial class JournalWriter : IHostedService, IDisposable
{
    private const int BatchOctets = 64 * 1024;

    // Mail addresses and capabilities stay readable; the file is no web page.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly JournalQueue _queue;
    private readonly string _path;
    private readonly Action<int> _lost;
    private readonly ILogger<JournalWriter> _log;
    private JournalFile? _file;
    private Task _run = Task.CompletedTask;
    private bool _failing;

    /// <summary>Creates the writer; it opens its file when it is started.</summary>
    /// <param name="queue">What to write.</param>
    /// <param name="path">Where to.</param>
    /// <param name="lost">Called with the number of sessions that could not be written.</param>
    /// <param name="log">For what an operator should see.</param>
    public JournalWriter(JournalQueue queue, string path, Action<int> lost, ILogger<JournalWriter> log) =>
        (_queue, _path, _lost, _log) = (queue, path, lost, log);

    /// <summary>Opens the file; throws <see cref="IOException"/> when it cannot be written, with the key to change.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _file = new JournalFile(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"SmtpProxy:Journal:Path: cannot write '{_path}': {e.Message} Give a path that this user may write, or '-'.", e);
        }

        _run = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Writes what is waiting, and closes the file.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Complete();
        await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
        _file?.Dispose();
    }

    public void Dispose() => _file?.Dispose();

    private async Task RunAsync()
    {
        var lines = new ArrayBufferWriter<byte>(BatchOctets);
        await using var json = new Utf8JsonWriter(lines, Json);
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var sessions = 0;
            // Sessions that ended together are written together; none waits for others.
            while (lines.WrittenCount < BatchOctets && _queue.Reader.TryRead(out var record))
            {
                JournalJson.Write(json, record);
                json.Flush();
                json.Reset(lines);
                lines.Write("\n"u8);
                sessions++;
                _queue.Return(record);
            }

            await WriteAsync(lines.WrittenMemory, sessions).ConfigureAwait(false);
            lines.ResetWrittenCount();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, int sessions)
    {
        try
        {
            await _file!.WriteAsync(lines).ConfigureAwait(false);
            _failing = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // A full disk must not stop the mail. Said once, counted always.
            _lost(sessions);
            if (!_failing)
            {
                _failing = true;
                LogWriteFailed(e, _path);
            }
        }
    }

    [LoggerMessage(EventId = 300, Level = LogLevel.Error, Message = "The journal {Path} cannot be written; sessions are lost from it until it can")]
    private partial void LogWriteFailed(Exception e, string path);
}
