using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SmtpProxy.Files;

/// <summary>Reads all of a file of Linux and never waits for longer than it may. It is opened so that nobody is waited for: what a path
/// leads to can change between a look at it and the opening.</summary>
internal static unsafe class BoundedRead
{
    /// <summary>Its octets.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">More octets are refused.</param>
    /// <param name="patience">How long a pipe or a terminal may take to say all. Ordinary files are read without a limit of time.</param>
    /// <exception cref="IOException">It cannot be read, or is larger.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a directory.</exception>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static byte[] Of(string path, int most, TimeSpan patience)
    {
        var descriptor = FileCalls.Open(path, FileCalls.NonBlocking | FileCalls.NoTerminal | FileCalls.CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Failure(path, Marshal.GetLastPInvokeError());
        }

        try
        {
            return ReadAll(descriptor, path, most, patience);
        }
        finally
        {
            _ = FileCalls.Close(descriptor);
        }
    }

    private static byte[] ReadAll(int descriptor, string path, int most, TimeSpan patience)
    {
        FileStatus status;
        if (FileCalls.Status(descriptor, "", FileStatus.OfDescriptor, FileStatus.Basic, &status) != 0)
        {
            throw Failure(path, Marshal.GetLastPInvokeError());
        }

        var (octets, piece, since) = (new MemoryStream(), new byte[16 * 1024], Stopwatch.StartNew());
        // A pipe that nobody has opened yet reads as one that has ended.
        var mayEnd = !status.IsPipe;
        while (true)
        {
            var read = Next(descriptor, piece);
            if (read > 0)
            {
                octets.Write(piece, 0, read);
                if (octets.Length > most)
                {
                    throw new IOException($"it is larger than {most / 1024 / 1024} MiB; name another file");
                }
            }
            else if (read == 0 && mayEnd)
            {
                return octets.ToArray();
            }
            else if (read < 0 && Marshal.GetLastPInvokeError() is var error and not (FileCalls.WouldBlock or FileCalls.Interrupted))
            {
                throw Failure(path, error);
            }

            mayEnd |= read > 0;
            if (!status.IsRegular)
            {
                var left = patience - since.Elapsed;
                var poll = new Poll { Descriptor = descriptor, Wanted = Poll.Readable };
                if (left <= TimeSpan.Zero || FileCalls.Poll(&poll, 1, (int)Math.Ceiling(left.TotalMilliseconds)) == 0)
                {
                    throw new TimeoutException();
                }

                // Who wrote to it has closed it.
                mayEnd |= (poll.Found & Poll.HungUp) != 0;
            }
        }
    }

    private static int Next(int descriptor, byte[] piece)
    {
        fixed (byte* start = piece)
        {
            return (int)FileCalls.ReadNext(descriptor, start, (nuint)piece.Length);
        }
    }

    /// <summary>What .NET throws in such a case.</summary>
    private static Exception Failure(string path, int error) => error switch
    {
        FileCalls.NoSuchFile or FileCalls.NoFolder => new FileNotFoundException($"there is no file {path}", path),
        FileCalls.NotPermitted or FileCalls.IsFolder => new UnauthorizedAccessException($"{path} may not be read, or is a directory"),
        _ => new IOException(Marshal.GetPInvokeErrorMessage(error), error),
    };
}
