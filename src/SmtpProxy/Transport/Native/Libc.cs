using System.Runtime.InteropServices;

namespace SmtpProxy.Transport.Native;

/// <summary>
/// The system calls of the epoll transport. All signatures are blittable. Every function returns below 0 on failure, and
/// <see cref="Errno.Last"/> then has the error. Only after a failure is it asked for: to set it aside after each call costs more than
/// the rest of the way into the kernel and back.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "epoll_create1")]
    internal static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl")]
    internal static partial int EpollControl(int epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport(Library, EntryPoint = "epoll_wait")]
    internal static partial int EpollWait(int epoll, byte* epollEvents, int capacity, int milliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd")]
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "write")]
    internal static partial nint Write(int descriptor, byte* octets, nuint length);

    [LibraryImport(Library, EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "dup3")]
    internal static partial int Duplicate(int descriptor, int to, int flags);

    [LibraryImport(Library, EntryPoint = "pipe2")]
    internal static partial int Pipe(int* descriptors, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl")]
    internal static partial int Control(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "splice")]
    internal static partial nint Splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport(Library, EntryPoint = "socket")]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind")]
    internal static partial int Bind(int socket, byte* address, int addressLength);

    [LibraryImport(Library, EntryPoint = "listen")]
    internal static partial int Listen(int socket, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4")]
    internal static partial int Accept(int socket, byte* address, int* addressLength, int flags);

    [LibraryImport(Library, EntryPoint = "connect")]
    internal static partial int Connect(int socket, byte* address, int addressLength);

    [LibraryImport(Library, EntryPoint = "getsockname")]
    internal static partial int GetSocketName(int socket, byte* address, int* addressLength);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    internal static partial int SetSocketOption(int socket, int level, int option, void* value, int valueLength);

    [LibraryImport(Library, EntryPoint = "getsockopt")]
    internal static partial int GetSocketOption(int socket, int level, int option, void* value, int* valueLength);

    [LibraryImport(Library, EntryPoint = "recv")]
    internal static partial nint Receive(int socket, byte* octets, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "recvmsg")]
    internal static partial nint ReceiveMessage(int socket, void* message, int flags);

    [LibraryImport(Library, EntryPoint = "send")]
    internal static partial nint Send(int socket, byte* octets, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "getrlimit")]
    internal static partial int GetLimit(int resource, ulong* softAndHard);

    [LibraryImport(Library, EntryPoint = "setrlimit")]
    internal static partial int SetLimit(int resource, ulong* softAndHard);

    [LibraryImport(Library, EntryPoint = "shutdown")]
    internal static partial int Shutdown(int socket, int how);
}
