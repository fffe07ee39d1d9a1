namespace SmtpProxy.Files;

/// <summary>A file that is appended to, possibly by other processes too. Not thread-safe. Whatever fails throws <see cref="IOException"/>,
/// with the system's error number as its <see cref="Exception.HResult"/> on Linux.</summary>
internal interface IAppendedFile : IDisposable
{
    /// <summary>The most octets that one write keeps together when others write too.</summary>
    int Whole { get; }

    /// <summary>Whether its path still leads to it. A file without a path always is at it.</summary>
    bool IsAtPath { get; }

    /// <summary>Whether it has a name left, under which its content can be found.</summary>
    bool HasName { get; }

    /// <summary>Whether a write of at most <see cref="Whole"/> octets would not wait.</summary>
    bool IsReady { get; }

    /// <summary>Whether its end can be looked at.</summary>
    bool ShowsItsEnd { get; }

    /// <summary>Whether it ends in anything but a line end. A line that another process is just writing is none.</summary>
    bool EndsTorn { get; }

    /// <summary>Appends in one go.</summary>
    /// <returns>How many octets were taken: fewer than given where the disk became full, 0 where a pipe did.</returns>
    int Write(ReadOnlySpan<byte> octets);
}
