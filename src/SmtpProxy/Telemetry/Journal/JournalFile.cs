namespace SmtpProxy.Telemetry.Journal;

/// <summary>Where the journal's lines go: a file that is appended to, or standard output. Not thread-safe.</summary>
internal sealed class JournalFile : IDisposable
{
    private readonly string? _path;
    private Stream _stream;

    /// <summary>Opens it; throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> where it cannot be written.</summary>
    /// <param name="path">A path, or <c>-</c> for standard output.</param>
    public JournalFile(string path)
    {
        _path = path == JournalOptions.StandardOutput ? null : path;
        _stream = _path is null ? Console.OpenStandardOutput() : Append(_path);
    }

    /// <summary>Writes whole lines, and sees that they leave the process. A file that was moved away or emptied (log rotation) is opened anew first.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> lines)
    {
        if (_path is not null && IsRotated(_path))
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
            _stream = Append(_path);
        }

        await _stream.WriteAsync(lines).ConfigureAwait(false);
        await _stream.FlushAsync().ConfigureAwait(false);
    }

    public void Dispose() => _stream.Dispose();

    // We append alone, so a file of this name that is gone, or shorter than what we wrote, is another one.
    private bool IsRotated(string path) => !_stream.CanWrite || new FileInfo(path) is var file && (!file.Exists || file.Length < _stream.Position);

    private static FileStream Append(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.Asynchronous,
    });
}
