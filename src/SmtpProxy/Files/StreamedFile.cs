namespace SmtpProxy.Files;

/// <summary>What other systems than Linux have instead: for one process alone.</summary>
internal sealed class StreamedFile : IAppendedFile
{
    private readonly string? _path;
    private readonly Stream _stream;

    private StreamedFile(Stream stream, string? path) => (_stream, _path) = (stream, path);

    /// <inheritdoc/>
    public int Whole => int.MaxValue;

    /// <summary>We append alone, so a file of this name that is gone, or shorter than what we wrote, is another one.</summary>
    public bool IsAtPath => _path is null || (new FileInfo(_path) is { Exists: true } file && file.Length >= _stream.Position);

    /// <inheritdoc/>
    public bool HasName => true;

    /// <inheritdoc/>
    public bool IsReady => true;

    /// <inheritdoc/>
    public bool ShowsItsEnd => false;

    /// <inheritdoc/>
    public bool EndsTorn => false;

    /// <summary>Opens a file, and makes it where there is none.</summary>
    public static StreamedFile Open(string path, UnixFileMode mode)
    {
        var options = new FileStreamOptions
            { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return new StreamedFile(new FileStream(path, options), path);
    }

    /// <summary>Standard output.</summary>
    public static StreamedFile Output() => new(Console.OpenStandardOutput(), null);

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> octets)
    {
        _stream.Write(octets);
        _stream.Flush();
        return octets.Length;
    }

    public void Dispose() => _stream.Dispose();
}
