using System.Net;
using System.Net.Sockets;
using SmtpProxy.Files;

namespace SmtpProxy.Transport;

/// <summary>The file of a Unix-domain socket.</summary>
internal sealed class SocketFile
{
    private readonly string _path;
    private FileStatus? _bound;

    private SocketFile(string path) => _path = path;

    /// <summary>The file of an address; null when the address has none: IP, or a name in the abstract namespace.</summary>
    public static SocketFile? Of(EndPoint address) =>
        address is UnixDomainSocketEndPoint unix && unix.ToString() is var path && !path.StartsWith('@') ? new SocketFile(path) : null;

    /// <summary>The file of an address that was bound just now.</summary>
    public static SocketFile? Bound(EndPoint address)
    {
        var file = Of(address);
        if (file is not null)
        {
            file._bound = file.Status(FileStatus.OfLink);
        }

        return file;
    }

    /// <summary>Removes the socket of a process that was killed: nobody accepts on it. Anything else of that name stays,
    /// and binding then fails.</summary>
    public void ClearStale()
    {
        if (!File.Exists(_path) || !IsSocket())
        {
            return;
        }

        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // Where others wait already until somebody accepts them, it would wait as well.
        caller.Blocking = false;
        try
        {
            caller.Connect(new UnixDomainSocketEndPoint(_path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            Remove();
        }
        catch (SocketException)
        {
            // Whether it is in use cannot be found out; binding will.
        }
    }

    /// <summary>Says who may connect.</summary>
    /// <exception cref="TransportException">It cannot be said.</exception>
    public void Permit(UnixFileMode? mode)
    {
        if (mode is not { } given || OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(_path, given);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TransportException($"Cannot listen on {_path}: {e.Message}", e);
        }
    }

    /// <summary>Removes it, unless it is another's by now. A failure is ignored: nobody can connect to a file that is left, and the next
    /// process to bind it removes it.</summary>
    public void Delete()
    {
        if (_bound is not { } bound || (Status(FileStatus.OfLink) is { } now && (now.Device, now.Inode) == (bound.Device, bound.Inode)))
        {
            Remove();
        }
    }

    private void Remove()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left as it is.
        }
    }

    /// <summary>Which file it is; null: there is none, or this system does not say.</summary>
    private unsafe FileStatus? Status(int flags)
    {
        FileStatus status;
        return OperatingSystem.IsLinux()
            && FileCalls.Status(FileStatus.WorkingDirectory, _path, flags, FileStatus.Basic, &status) == 0 ? status : null;
    }

    /// <summary>Elsewhere than on Linux: nothing but a socket exists and cannot be opened; .NET does not tell the kinds of files apart
    /// otherwise.</summary>
    private bool IsSocket()
    {
        if (OperatingSystem.IsLinux())
        {
            return Status(0) is { IsSocket: true };
        }

        try
        {
            File.OpenHandle(_path).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
