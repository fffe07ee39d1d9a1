using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>
/// Ports for other programs that must be told one: they cannot say which one port 0 became. None of these is in the range from which the
/// kernel takes ports of its own, so nobody's connection can have one between the choice and the program's
/// start; nor in that of the tests' sinks.
/// </summary>
internal static class FreePort
{
    private const int First = 10_000;
    private const int Count = 10_000;

    // Suites that run side by side begin apart.
    private static int _last = Environment.ProcessId * 100 % Count;

    /// <summary>A port on which nothing listens, and which no other caller is given.</summary>
    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (Interlocked.Increment(ref _last) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one.
            }
        }

        throw new InvalidOperationException($"Every port from {First} on is taken.");
    }
}
