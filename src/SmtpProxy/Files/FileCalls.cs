using System.Runtime.InteropServices;

namespace SmtpProxy.Files;

/// <summary>The system calls for files that .NET has no way to ask for. All return below 0 on failure, and
/// <see cref="Marshal.GetLastPInvokeError"/> then holds the error. The numbers are those of Linux, the same on x64 and arm64.</summary>
internal static unsafe partial class FileCalls
{
    internal const int WriteOnly = 1;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int NoTerminal = 0x100;
    internal const int Append = 0x400;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;

    internal const int MaySearch = 1;       // X_OK
    internal const int MayWrite = 2;        // W_OK
    internal const int AsEffectiveUser = 0x200;

    internal const int Interrupted = 4;     // EINTR
    internal const int NoSuchFile = 2;      // ENOENT
    internal const int NoFolder = 20;       // ENOTDIR
    internal const int IsFolder = 21;       // EISDIR
    internal const int NoDevice = 6;        // ENXIO: a FIFO that nobody reads
    internal const int WouldBlock = 11;     // EAGAIN
    internal const int NotPermitted = 13;   // EACCES
    internal const int BrokenPipe = 32;     // EPIPE

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* octets, nuint length);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static partial nint ReadNext(int descriptor, byte* octets, nuint length);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* octets, nuint length, long offset);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(Poll* descriptors, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int Touch(int descriptor, void* times);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MayAccess(int directory, string path, int what, int flags);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport(Library, EntryPoint = "getegid")]
    internal static partial uint EffectiveGroup();

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Status(int directory, string path, int flags, uint wanted, FileStatus* status);
}

/// <summary><c>struct pollfd</c>.</summary>
internal struct Poll
{
    internal const short Readable = 1;
    internal const short Writable = 4;
    internal const short HungUp = 16;

    internal int Descriptor;
    internal short Wanted;
    internal short Found;
}

/// <summary>What is needed of <c>struct statx</c>, which unlike <c>struct stat</c> is laid out alike everywhere.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    internal const int WorkingDirectory = -100;
    internal const int OfDescriptor = 0x1000;
    internal const int OfLink = 0x100;
    internal const uint Basic = 0x7ff;

    private const int KindMask = 0xf000;

    [FieldOffset(16)]
    internal uint Links;

    [FieldOffset(20)]
    internal uint User;

    [FieldOffset(24)]
    internal uint Group;

    [FieldOffset(28)]
    private ushort _mode;

    [FieldOffset(32)]
    internal ulong Inode;

    [FieldOffset(40)]
    internal long Size;

    [FieldOffset(96)]
    private long _changedSeconds;

    [FieldOffset(104)]
    private uint _changedNanoseconds;

    [FieldOffset(112)]
    private long _writtenSeconds;

    [FieldOffset(120)]
    private uint _writtenNanoseconds;

    [FieldOffset(136)]
    internal ulong Device;

    /// <summary>When anything of it changed: its content, its name or who may read it.</summary>
    internal readonly DateTime Changed => Time(_changedSeconds, _changedNanoseconds);

    /// <summary>When its content was written, unless somebody has set it otherwise.</summary>
    internal readonly DateTime Written => Time(_writtenSeconds, _writtenNanoseconds);

    internal readonly bool IsRegular => (_mode & KindMask) == 0x8000;

    internal readonly bool IsSocket => (_mode & KindMask) == 0xc000;

    internal readonly bool IsPipe => (_mode & KindMask) == 0x1000;

    /// <summary>A time that no calendar has is the nearest that one has.</summary>
    private static DateTime Time(long seconds, uint nanoseconds)
    {
        var ticks = Math.Clamp(seconds, -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond,
            (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond - 1) * TimeSpan.TicksPerSecond;
        return DateTime.UnixEpoch.AddTicks(ticks + nanoseconds / TimeSpan.NanosecondsPerTick);
    }
}
