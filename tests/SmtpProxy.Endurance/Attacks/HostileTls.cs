using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>What clients may do to TLS that ends at the proxy, once the handshake is done.</summary>
internal static class HostileTls
{
    /// <summary>All of it.</summary>
    public static readonly IReadOnlyList<Attack> All =
    [
        new("KeyUpdate flood", 3, 20, static (proxy, _, stop) => InsideAsync(proxy, isTls12: false, static tls =>
        {
            while (tls.UpdateKeys(isRequested: false))
            {
                // Again.
            }
        }, stop)),
        new("KeyUpdate, asked for", 3, 20, static (proxy, _, stop) => InsideAsync(proxy, isTls12: false, static tls =>
        {
            // The answers are not read.
            while (tls.UpdateKeys(isRequested: true))
            {
                // Again.
            }
        }, stop)),
        new("renegotiation", 3, 20, static (proxy, _, stop) => InsideAsync(proxy, isTls12: true, static tls =>
        {
            while (tls.ShakeAgain())
            {
                // Again.
            }
        }, stop)),
        new("records of one octet", 3, 20, static (proxy, _, stop) => InsideAsync(proxy, isTls12: false, static tls =>
        {
            byte[] octet = [(byte)'x'];
            while (tls.Send(octet))
            {
                // Again.
            }
        }, stop)),
    ];

    /// <summary>Does something inside TLS, on a thread of its own.</summary>
    private static Task InsideAsync(IPEndPoint proxy, bool isTls12, Action<OpenSslClient> act, CancellationToken stop) =>
        Task.Factory.StartNew(() =>
        {
            try
            {
                using var socket = new Socket(proxy.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Connect(proxy);
                // What blocks a thread ends when both directions do.
                using var registration = stop.Register(() => End(socket));
                Reply(socket);
                socket.Send("EHLO x\r\n"u8);
                Reply(socket);
                socket.Send("STARTTLS\r\n"u8);
                Reply(socket);
                using var tls = new OpenSslClient(socket, isTls12);
                if (tls.Connect())
                {
                    act(tls);
                }
            }
            catch (Exception e) when (Lines.IsEnd(e))
            {
                // That is what it is for.
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void End(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (Lines.IsEnd(e))
        {
            // It is over already.
        }
    }

    /// <summary>Reads one reply, and not one octet more, for TLS begins after it.</summary>
    private static void Reply(Socket socket)
    {
        var (octet, line) = (new byte[1], new List<byte>());
        while (line is not [_, _, _, (byte)' ', .., (byte)'\n'])
        {
            line = line is [.., (byte)'\n'] ? [] : line;
            if (socket.Receive(octet) == 0)
            {
                throw new IOException("The proxy left.");
            }

            line.Add(octet[0]);
        }
    }
}
