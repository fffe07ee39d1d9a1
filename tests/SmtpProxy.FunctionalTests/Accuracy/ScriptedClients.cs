using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>The clients of the <see cref="Script"/>, many at once.</summary>
internal sealed class ScriptedClients(IPEndPoint proxy)
{
    private int _connections;
    private int _sessions;

    /// <summary>Plays the whole script.</summary>
    /// <param name="atOnce">Sessions at a time.</param>
    public Task RunAsync(int atOnce) => Task.WhenAll(Enumerable.Range(0, atOnce).Select(WorkAsync));

    private async Task WorkAsync(int worker)
    {
        // One after the other: what a burst does to a machine is not the subject.
        await Task.Delay(worker);
        while (Interlocked.Increment(ref _connections) <= Script.Connections)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(proxy);
            var buffer = new byte[256];
            if (await ReplyAsync(socket, buffer) == 220)
            {
                await TalkAsync(socket, buffer, Script.Session(Interlocked.Increment(ref _sessions) - 1));
            }
        }
    }

    private static async Task TalkAsync(Socket socket, byte[] buffer, IReadOnlyList<Step> steps)
    {
        foreach (var step in steps)
        {
            var said = Encoding.ASCII.GetBytes(step.Said);
            var sent = 0;
            if (step.ClientPause > TimeSpan.Zero)
            {
                // In the middle of a message; of DATA nothing.
                sent = step.Operation == "end_of_data" ? await socket.SendAsync(said.AsMemory(0, 8)) : 0;
                await Task.Delay(step.ClientPause);
            }

            await socket.SendAsync(said.AsMemory(sent));
            Assert.Equal(step.Code, await ReplyAsync(socket, buffer));
        }
    }

    private static async Task<int> ReplyAsync(Socket socket, byte[] buffer)
    {
        for (var held = 0; ;)
        {
            held += await socket.ReceiveAsync(buffer.AsMemory(held)) is var read and > 0 ? read : throw new EndOfStreamException();
            var text = Encoding.ASCII.GetString(buffer, 0, held);
            var last = text.LastIndexOf("\r\n", Math.Max(0, held - 3), StringComparison.Ordinal) is var end and >= 0
                ? text[(end + 2)..] : text;
            if (last.EndsWith("\r\n", StringComparison.Ordinal) && last[3] == ' ')
            {
                return int.Parse(last.AsSpan(0, 3), CultureInfo.InvariantCulture);
            }
        }
    }
}
