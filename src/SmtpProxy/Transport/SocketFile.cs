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

    /// <summary>Removes what a process left that was killed: a socket on which nobody answers. Anything else stays, and binding says so.</summary>
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
            // Not ours to judge.
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

    /// <summary>Removes it, if that can be done: nobody can connect to what is left, and who binds it next is told.</summary>
    public void Delete()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As said.
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
