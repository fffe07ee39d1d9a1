using System.Runtime.InteropServices;

namespace SmtpProxy.Transport.Native;

/// <summary>Error numbers of Linux; the same on x64 and arm64.</summary>
internal static class Errno
{
    internal const int NotPermitted = 1;        // EPERM
    internal const int Interrupted = 4;         // EINTR
    internal const int WouldBlock = 11;         // EAGAIN
    internal const int NoMemory = 12;           // ENOMEM
    internal const int AccessDenied = 13;       // EACCES
    internal const int Invalid = 22;            // EINVAL
    internal const int SystemFilesFull = 23;    // ENFILE
    internal const int FilesFull = 24;          // EMFILE
    internal const int BrokenPipe = 32;         // EPIPE
    internal const int NotImplemented = 38;     // ENOSYS
    internal const int AddressInUse = 98;       // EADDRINUSE
    internal const int AddressNotAvailable = 99; // EADDRNOTAVAIL
    internal const int NetworkDown = 100;       // ENETDOWN
    internal const int NetworkUnreachable = 101; // ENETUNREACH
    internal const int ConnectionReset = 104;   // ECONNRESET
    internal const int NoBuffers = 105;         // ENOBUFS
    internal const int TimedOut = 110;          // ETIMEDOUT
    internal const int Refused = 111;           // ECONNREFUSED
    internal const int HostDown = 112;          // EHOSTDOWN
    internal const int HostUnreachable = 113;   // EHOSTUNREACH
    internal const int InProgress = 115;        // EINPROGRESS

    /// <summary>The error of the call of <see cref="Libc"/> that has just failed on this thread; to be read before anything else is called.
    /// The runtime keeps it over its own way back from the call.</summary>
    internal static int Last => Marshal.GetLastSystemError();

    /// <summary>The system's words for an error.</summary>
    internal static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
