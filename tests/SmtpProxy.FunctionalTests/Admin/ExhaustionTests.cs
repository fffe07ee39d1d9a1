using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Journal;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Live;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>Clients of the admin side that hold connections and say little.</summary>
public sealed class ExhaustionTests
{
    private const int MostConnections = 256;
    private const int Readers = 1000;

    [Fact]
    public async Task Connections_MoreThanThereMayBe_AreClosed_AndMailIsServed()
    {
        await using var proxy = await ProxyProcess.StartAsync();
        var held = new List<Socket>();
        try
        {
            for (var n = 0; n < MostConnections + 20; n++)
            {
                held.Add(await AskingAsync(proxy, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"));
            }

            // Of those beyond the bound nothing is read.
            Assert.Equal(0, await ReadAsync(held[^1]));
            // The log has one entry for all of them.
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains("HTTP connections were turned away: 256 are open", StringComparison.Ordinal));
            Assert.Single(proxy.Errors.SoFar, static line => line.Contains("connection", StringComparison.OrdinalIgnoreCase)
                && line.Contains("warn:", StringComparison.Ordinal));
            await Visits.MakeAsync(proxy.Listener(), 1);

            // The first ones are served as soon as they say the rest.
            await held[0].SendAsync("\r\n"u8.ToArray());
            Assert.NotEqual(0, await ReadAsync(held[0]));
        }
        finally
        {
            held.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Headers_ThatNeverEnd_AreGivenUp()
    {
        await using var proxy = await ProxyProcess.StartAsync();
        using var socket = await AskingAsync(proxy, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
        var answer = new StringBuilder();
        var buffer = new byte[1000];
        while (await socket.ReceiveAsync(buffer).WaitAsync(ProxyProcess.Patience) is > 0 and var read)
        {
            answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        Assert.StartsWith("HTTP/1.1 408 ", answer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Readers_AThousandOfTheStream_HaveThePlacesThereAre_AndMailIsServed(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}");
        var held = new List<Socket>();
        try
        {
            while (held.Count < Readers)
            {
                held.Add(await AskingAsync(proxy, "GET /api/v1/sessions/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            }

            // Those that connected first are let in first, and each that is let in is told something.
            var answers = await Task.WhenAll(held.Take(MostConnections).Select(HeadAsync));
            var places = new LiveOptions().MaxStreams;
            Assert.Equal(places, answers.Count(static answer => answer == "HTTP/1.1 200"));

            // Who asked whether the proxy is ready may have had a connection still, and the last ones were closed for it.
            var refused = answers.Where(static answer => answer != "HTTP/1.1 200").ToArray();
            Assert.All(refused, static answer => Assert.True(answer is "HTTP/1.1 503" or "", answer));
            Assert.InRange(refused.Count(static answer => answer.Length > 0), MostConnections - places - 4, MostConnections - places);
            Assert.Equal(0, await ReadAsync(held[^1]));
            await Visits.MakeAsync(proxy.Listener(), 1);
        }
        finally
        {
            held.ForEach(static socket => socket.Dispose());
        }
    }

    /// <summary>How an answer begins; empty for an end of any kind.</summary>
    private static async Task<string> HeadAsync(Socket socket)
    {
        var buffer = new byte[12];
        for (var read = 0; read < buffer.Length;)
        {
            var more = await ReadAsync(socket, buffer.AsMemory(read));
            if (more == 0)
            {
                return "";
            }

            read += more;
        }

        return Encoding.ASCII.GetString(buffer);
    }

    private static async Task<Socket> AskingAsync(ProxyProcess proxy, string start)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Admin.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(start));
        return socket;
    }

    /// <summary>What comes next; 0 for an end of any kind.</summary>
    private static async Task<int> ReadAsync(Socket socket, Memory<byte>? into = null)
    {
        try
        {
            return await socket.ReceiveAsync(into ?? new byte[1000]).AsTask().WaitAsync(ProxyProcess.Patience);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
