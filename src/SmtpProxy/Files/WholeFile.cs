using System.Collections.Concurrent;
using System.Text;

namespace SmtpProxy.Files;

/// <summary>Reads all of a file that somebody named, which may be anything: a pipe that nobody writes to, or a device without an end,
/// costs no more than a bounded wait and a bounded memory.</summary>
internal static class WholeFile
{
    /// <summary>More octets than settings, keys, certificates or rehearsals have. What is larger was meant for something else.</summary>
    public const int Most = 8 * 1024 * 1024;

    /// <summary>How long a pipe or a terminal may take to say all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Files that did not end, as they were then: whoever asks again for the same does not wait again.</summary>
    private static readonly ConcurrentDictionary<string, FileStamp> Endless = new(StringComparer.Ordinal);

    /// <summary>Its text, in UTF-8 unless it begins with another mark.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read, it is larger than <see cref="Most"/>, or it does not end.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a directory.</exception>
    public static string Text(string path) => Text(path, Encoding.UTF8);

    /// <summary>Its text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">What it is in, unless it begins with the mark of another.</param>
    /// <inheritdoc cref="Text(string)" path="/exception"/>
    /// <exception cref="DecoderFallbackException">It is no text, and the encoding does not bear that.</exception>
    public static string Text(string path, Encoding encoding) => Text(Read(path), encoding);

    /// <summary>Its text, in UTF-8 unless it begins with another mark, if whoever is behind it has said all by then.</summary>
    /// <inheritdoc cref="Read(string, TimeSpan)"/>
    public static string Text(string path, TimeSpan patience) => Text(Read(path, patience), Encoding.UTF8);

    /// <summary>Its octets.</summary>
    /// <inheritdoc cref="Text(string)"/>
    public static byte[] Read(string path) => Read(path, Patience);

    /// <summary>Its octets, if whoever is behind it has said them by then.</summary>
    /// <param name="path">The file.</param>
    /// <param name="patience">How long a pipe or a terminal may take. Zero: nobody is waited for.</param>
    /// <inheritdoc cref="Text(string)" path="/exception"/>
    public static byte[] Read(string path, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0 || path.Contains('\0'))
        {
            throw new FileNotFoundException("it is no name of a file");
        }

        var stamp = FileStamp.Of(path);
        if (Endless.TryGetValue(path, out var earlier) && earlier == stamp)
        {
            throw new IOException("an earlier read of it has not ended; name a file");
        }

        try
        {
            var octets = OperatingSystem.IsLinux() ? BoundedRead.Of(path, Most, patience) : ReadBeside(path, patience);
            Endless.TryRemove(path, out _);
            return octets;
        }
        catch (TimeoutException e)
        {
            if (patience > TimeSpan.Zero)
            {
                Endless[path] = stamp;
            }

            throw new IOException($"nothing more came from it within {patience.TotalSeconds:0} seconds, and it did not end; name a file",
                e);
        }
    }

    private static string Text(byte[] octets, Encoding encoding)
    {
        using var reader = new StreamReader(new MemoryStream(octets), encoding);
        return reader.ReadToEnd();
    }

    /// <summary>Elsewhere opening a pipe waits for who writes to it, and cannot be told to stop. The thread that waits goes with the
    /// process.</summary>
    private static byte[] ReadBeside(string path, TimeSpan patience) =>
        Task.Factory.StartNew(() => ReadAll(path), CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default)
        .WaitAsync(patience).GetAwaiter().GetResult();

    private static byte[] ReadAll(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var octets = new MemoryStream();
        var piece = new byte[16 * 1024];
        // Its length says nothing of a pipe or a device.
        for (int read; (read = file.Read(piece)) > 0;)
        {
            octets.Write(piece, 0, read);
            if (octets.Length > Most)
            {
                throw new IOException($"it is larger than {Most / 1024 / 1024} MiB; name another file");
            }
        }

        return octets.ToArray();
    }
}
