namespace SmtpProxy.Transport.Files;

/// <summary>A file that is appended to, possibly by other processes too. Not thread-safe. Whatever fails throws <see cref="IOException"/>, with the
/// system's error number as its <see cref="Exception.HResult"/> on Linux.</summary>
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

    /// <summary>Whether it ends in anything but a line end; false where it does not show its end. Only while it is locked is that certain: another
    /// process may be in the middle of a line.</summary>
    bool IsTorn { get; }

    /// <summary>Keeps other processes of ours from writing until <see cref="Unlock"/>. Never waits.</summary>
    /// <returns>False: another has it now. Where there are no locks (some network file systems), true.</returns>
    bool TryLock();

    /// <summary>Ends that.</summary>
    void Unlock();

    /// <summary>Appends in one go.</summary>
    /// <returns>How many octets were taken: fewer than given where the disk became full, 0 where a pipe did.</returns>
    int Write(ReadOnlySpan<byte> octets);
}
