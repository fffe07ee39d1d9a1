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

    /// <summary>Reads that have not ended, one for each file: whoever asks again does not wait again, and costs no thread.</summary>
    private static readonly ConcurrentDictionary<string, Task> Stuck = new(StringComparer.Ordinal);

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
    public static string Text(string path, Encoding encoding)
    {
        using var reader = new StreamReader(new MemoryStream(Read(path)), encoding);
        return reader.ReadToEnd();
    }

    /// <summary>Its octets.</summary>
    /// <inheritdoc cref="Text(string)"/>
    public static byte[] Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0 || path.Contains('\0'))
        {
            throw new FileNotFoundException("it is no name of a file");
        }

        if (IsRegular(path))
        {
            return ReadAll(path);
        }

        if (Stuck.TryGetValue(path, out var earlier))
        {
            if (!earlier.IsCompleted)
            {
                throw new IOException("an earlier read of it has not ended; name a file");
            }

            Stuck.TryRemove(path, out _);
        }

        // Opening a pipe waits for who writes to it, and cannot be told to stop. The thread that waits goes with the process.
        var reading = Task.Factory.StartNew(() => ReadAll(path), CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        try
        {
            return reading.WaitAsync(Patience).GetAwaiter().GetResult();
        }
        catch (TimeoutException e)
        {
            Stuck[path] = reading;
            throw new IOException($"nothing more came from it within {Patience.TotalSeconds:0} seconds, and it did not end; name a file",
                e);
        }
    }

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

    /// <summary>Whether reading it cannot wait for anyone. Systems other than Linux do not say.</summary>
    private static unsafe bool IsRegular(string path)
    {
        FileStatus status;
        return OperatingSystem.IsLinux() && (FileCalls.Status(FileStatus.WorkingDirectory, path, 0, FileStatus.Basic, &status) != 0
            || status.IsRegular);
    }
}
