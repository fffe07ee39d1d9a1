using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Transport;

/// <summary>The file of a Unix-domain socket.</summary>
internal sealed class SocketFile
{
    private readonly string _path;

    private SocketFile(string path) => _path = path;

    /// <summary>The file of an address; null when the address has none: IP, or a name in the abstract namespace.</summary>
    public static SocketFile? Of(EndPoint address) =>
        address is UnixDomainSocketEndPoint unix && unix.ToString() is var path && !path.StartsWith('@') ? new SocketFile(path) : null;

    /// <summary>Removes the socket of a process that was killed: nobody accepts on it. Anything else of that name stays,
    /// and binding then fails.</summary>
    public void ClearStale()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            caller.Connect(new UnixDomainSocketEndPoint(_path));
        }
        // A file that is no socket refuses as well.
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket())
        {
            Delete();
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

    /// <summary>Removes it. A failure is ignored: nobody can connect to a file that is left, and the next
    /// process to bind it removes it.</summary>
    public void Delete()
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

    /// <summary>Nothing but a socket exists and cannot be opened; .NET does not tell the kinds of files apart otherwise.</summary>
    private bool IsSocket()
    {
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
