using System.Runtime.InteropServices;

namespace SmtpProxy.Files;

/// <summary>A file of Linux, opened with O_APPEND: the kernel puts each write at the end, whole, whoever else writes. .NET's own
/// <see cref="FileMode.Append"/> finds the end once and counts on from there, over what others have written.</summary>
internal sealed unsafe class AppendedFile : IAppendedFile
{
    // PIPE_BUF: what others cannot get in between of on a pipe, and what fits when poll says so.
    private const int PipeWhole = 4096;
    private int _descriptor;
    private readonly string? _path;
    private readonly bool _isReadable;
    private readonly FileStatus _status;

    private AppendedFile(int descriptor, string? path, bool isReadable)
    {
        (_descriptor, _path, _isReadable) = (descriptor, path, isReadable);
        _status = Status();
    }

    /// <inheritdoc/>
    public int Whole => _status.IsRegular ? int.MaxValue : PipeWhole;

    /// <inheritdoc/>
    public bool IsAtPath => _path is null || (TryStatus(_path, out var now) && now.Inode == _status.Inode && now.Device == _status.Device);

    /// <inheritdoc/>
    public bool HasName => Status().Links > 0;

    /// <inheritdoc/>
    public bool IsReady
    {
        get
        {
            var poll = new Poll { Descriptor = _descriptor, Wanted = Poll.Writable };
            // An error is ready too: the write will say which.
            return _status.IsRegular || FileCalls.Poll(&poll, 1, 0) != 0;
        }
    }

    /// <inheritdoc/>
    public bool ShowsItsEnd => _isReadable;

    /// <inheritdoc/>
    public bool EndsTorn
    {
        get
        {
            if (TornEnd() is not { } end)
            {
                return false;
            }

            // A write that is under way shows page by page. Setting the time of change needs the same lock in the
            // kernel, and so waits for its end.
            _ = FileCalls.Touch(_descriptor, null);
            return TornEnd() == end;
        }
    }

    /// <summary>Opens a file, and makes it where there is none.</summary>
    /// <param name="path">Where. Symbolic links are followed.</param>
    /// <param name="mode">Of a file that is made, less what the umask takes away.</param>
    public static AppendedFile Open(string path, UnixFileMode mode)
    {
        // Neither a FIFO without a reader nor a terminal must hold or own us. For ordinary files the flags mean nothing.
        const int Flags = FileCalls.Create | FileCalls.Append | FileCalls.CloseOnExec | FileCalls.NonBlocking | FileCalls.NoTerminal;
        var isFile = !TryStatus(path, out var before) || before.IsRegular;
        var descriptor = FileCalls.Open(path, Flags | (isFile ? FileCalls.ReadWrite : FileCalls.WriteOnly), (uint)mode);
        if (descriptor < 0 && isFile && Marshal.GetLastPInvokeError() == FileCalls.NotPermitted)
        {
            isFile = false;
            descriptor = FileCalls.Open(path, Flags | FileCalls.WriteOnly, (uint)mode);
        }

        return descriptor < 0 ? throw Failure() : new AppendedFile(descriptor, path, isFile);
    }

    /// <summary>A descriptor that the process was given, such as 1 for standard output.</summary>
    public static AppendedFile Of(int descriptor) => new(descriptor, null, isReadable: false);

    /// <summary>Whether something is a FIFO, which can only be opened while somebody reads it.</summary>
    public static bool IsPipe(string path) => TryStatus(path, out var status) && status.IsPipe;

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> octets)
    {
        fixed (byte* start = octets)
        {
            while (true)
            {
                var written = FileCalls.Write(_descriptor, start, (nuint)octets.Length);
                if (written >= 0)
                {
                    return (int)written;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case FileCalls.Interrupted:
                        continue;
                    case FileCalls.WouldBlock:
                        return 0;
                    default:
                        throw Failure();
                }
            }
        }
    }

    public void Dispose()
    {
        // What the process was given stays open. A number that was closed may be another file's, or a connection's, by now.
        if (_path is not null && _descriptor >= 0)
        {
            _ = FileCalls.Close(_descriptor);
            _descriptor = -1;
        }
    }

    private static bool TryStatus(string path, out FileStatus status)
    {
        fixed (FileStatus* at = &status)
        {
            return FileCalls.Status(FileStatus.WorkingDirectory, path, 0, FileStatus.Basic, at) == 0;
        }
    }

    private static IOException Failure()
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    private long? TornEnd()
    {
        byte last;
        return _isReadable && Status().Size is > 0 and var size && FileCalls.Read(_descriptor, &last, 1, size - 1) == 1 && last != '\n'
            ? size : null;
    }

    private FileStatus Status()
    {
        FileStatus status;
        return FileCalls.Status(_descriptor, "", FileStatus.OfDescriptor, FileStatus.Basic, &status) == 0 ? status : default;
    }
}
