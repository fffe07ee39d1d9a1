using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Transport;

/// <summary>What to do when an address cannot be listened on.</summary>
public static class ListenRemedy
{
    private const int FirstFree = 1_024;

    /// <summary>The remedy, as a sentence without its end.</summary>
    /// <param name="failure">Why, by itself or as the cause of something.</param>
    /// <param name="address">The address.</param>
    public static string For(Exception failure, EndPoint? address) => (ErrorIn(failure), address) switch
    {
        (SocketError.AccessDenied, IPEndPoint { Port: > 0 and < FirstFree and var port }) =>
            $"ports below {FirstFree} need CAP_NET_BIND_SERVICE: with systemd AmbientCapabilities=CAP_NET_BIND_SERVICE, with docker " +
                $"--cap-add NET_BIND_SERVICE or a published port, "
            + $"by hand setcap cap_net_bind_service=+ep {Environment.ProcessPath}, or for everybody sysctl " +
                $"net.ipv4.ip_unprivileged_port_start={port}",
        (SocketError.AddressAlreadyInUse, IPEndPoint { Port: var port }) =>
            $"{(PortHolder.Find(port) is { } holder ? $"{holder} has it: stop that" : "ss -ltnp shows who has it: stop that program")}, " +
                $"or write another address or port",
        // .NET calls it an address that is not available; Linux, a file that is not there.
        (_, UnixDomainSocketEndPoint unix) when Folder(unix) is { Length: > 0 } folder && !Directory.Exists(folder) =>
            $"there is no folder {folder}: make it (systemd: RuntimeDirectory=), or write another path",
        (_, UnixDomainSocketEndPoint) => "write another path",
        (SocketError.AddressNotAvailable, _) => "no interface of this machine has it: ip address shows those there are",
        _ => "write another address or port",
    };

    private static string? Folder(UnixDomainSocketEndPoint address) =>
        address.ToString() is var path && !path.StartsWith('@') ? Path.GetDirectoryName(path) : null;

    /// <summary>The error of a socket that an exception tells of; null when it does not.</summary>
    public static SocketError? ErrorIn(Exception? failure) =>
        failure is null ? null : failure is SocketException socket ? socket.SocketErrorCode : ErrorIn(failure.InnerException);
}
