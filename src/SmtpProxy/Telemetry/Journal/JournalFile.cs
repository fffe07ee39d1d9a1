using SmtpProxy.Files;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Where the journal's lines go: a file that is appended to (other processes may append to it, too), a FIFO, or standard output.
/// Thread-safe. Whatever fails throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>,
/// and may be tried again.</summary>
internal sealed class JournalFile : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const int Output = 1;

    private readonly Lock _lock = new();
    private readonly string? _path;
    private IAppendedFile? _file;
    private bool _leftTorn;
    private bool _isClosed;

    /// <summary>Opens it. A FIFO that nobody reads yet is opened at a later write.</summary>
    /// <param name="path">A path, or <c>-</c> for standard output.</param>
    public JournalFile(string path)
    {
        if (path == JournalOptions.StandardOutput)
        {
            _file = OperatingSystem.IsLinux() ? AppendedFile.Of(Output) : StreamedFile.Output();
            return;
        }

        _path = Path.GetFullPath(path);
        try
        {
            _file = Open(_path);
        }
        catch (IOException) when (OperatingSystem.IsLinux() && AppendedFile.IsPipe(_path))
        {
            // Nobody reads the FIFO yet: it is opened at a later write.
        }
    }

    /// <summary>Why the lines go to a file that was moved away and not to a new one at its place; null: they do not.</summary>
    public Exception? Stranded { get; private set; }

    /// <summary>Whether no later try can succeed after a failure: a pipe that the process was given and whose reader is gone.</summary>
    public bool IsLost(Exception failure) => _path is null && failure.HResult == FileCalls.BrokenPipe;

    /// <summary>
    /// Writes whole lines, as many as one call takes. Where the path no longer leads to the file (it was moved or deleted), it is opened
    /// anew first. Where the file does not end in a line end (the disk was full in the middle of a line, no matter which process wrote it,
    /// or the power failed), it gets one first, so that nothing but the torn line is lost to a reader.
    /// </summary>
    /// <param name="lines">Lines with their ends; on a pipe possibly from the middle of one, when that is how far it got.</param>
    /// <returns>The octets that need not be given again. Of a file these are whole lines; 0 when nothing goes at this moment.</returns>
    public int Write(ReadOnlySpan<byte> lines)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            var file = Current();
            if (!file.IsReady)
            {
                return 0;
            }

            if (file.Whole < int.MaxValue)
            {
                return file.Write(Portion(lines, file.Whole));
            }

            if (file.ShowsItsEnd ? file.EndsTorn : _leftTorn)
            {
                file.Write("\n"u8);
                _leftTorn = false;
            }

            var written = file.Write(lines);
            var whole = written == lines.Length ? written : lines[..written].LastIndexOf((byte)'\n') + 1;
            _leftTorn = whole < written;
            return whole;
        }
    }

    /// <summary>Opens the file of the path anew; the one that is open stays in use where that fails.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            if (_path is not null && !_isClosed)
            {
                Use(Open(_path));
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            // The descriptor may belong to another file by now.
            _isClosed = true;
        }
    }

    private static IAppendedFile Open(string path) =>
        OperatingSystem.IsLinux() ? AppendedFile.Open(path, Mode) : StreamedFile.Open(path, Mode);

    /// <summary>Returns as many whole lines as are written at once, so that no other process writes in between; of a
    /// longer line, as much of it.</summary>
    private static ReadOnlySpan<byte> Portion(ReadOnlySpan<byte> lines, int most) =>
        lines.Length <= most ? lines : lines[..(lines[..most].LastIndexOf((byte)'\n') + 1 is > 0 and var whole ? whole : most)];

    private IAppendedFile Current()
    {
        if (_file is null || !_file.IsAtPath)
        {
            try
            {
                Use(Open(_path!));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && _file is { HasName: true })
            {
                // A line in the file that was moved away is better than none.
                Stranded = e;
            }
        }

        return _file!;
    }

    private void Use(IAppendedFile file)
    {
        _file?.Dispose();
        (_file, _leftTorn, Stranded) = (file, false, null);
    }
}
