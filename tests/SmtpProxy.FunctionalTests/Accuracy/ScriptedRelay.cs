using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>A relay that follows the <see cref="Script"/>.</summary>
internal sealed class ScriptedRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, ConcurrentBag<TimeSpan>> _took = new();
    private readonly Task _running;

    public ScriptedRelay()
    {
        _listener.Start(Script.Connections);
        _running = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A quantile of what an operation really took, by this relay's own clock.</summary>
    public TimeSpan Took(string operation, double quantile) =>
        _took[operation].Order().ElementAt((int)(quantile * _took[operation].Count));

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _running;
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        await foreach (var socket in _listener.SocketsAsync())
        {
            var greeting = Script.Greeting(sessions.Count);
            var accepted = Stopwatch.GetTimestamp();
            sessions.Add(Task.Run(() => ServeAsync(socket, greeting, accepted)));
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(Socket socket, Step greeting, long accepted)
    {
        using var _ = socket;
        socket.NoDelay = true;
        await AnswerAsync(socket, greeting, accepted);
        if (greeting.Code != 220)
        {
            socket.Shutdown(SocketShutdown.Send);
            return;
        }

        var buffer = new byte[256];
        var held = await ReadAsync(socket, buffer, 0);
        // EHLO c123
        var steps = Script.Session(int.Parse(Encoding.ASCII.GetString(buffer, 6, held - 8), CultureInfo.InvariantCulture));
        foreach (var step in steps)
        {
            // The client waits for each reply, so what it says is all that comes.
            while (held < step.Said.Length)
            {
                held += await ReadAsync(socket, buffer, held);
            }

            Assert.Equal(step.Said, Encoding.ASCII.GetString(buffer, 0, held));
            held = 0;
            await AnswerAsync(socket, step, Stopwatch.GetTimestamp());
        }
    }

    private static async Task<int> ReadAsync(Socket socket, byte[] buffer, int at) =>
        await socket.ReceiveAsync(buffer.AsMemory(at)) is var read and > 0 ? read : throw new EndOfStreamException();

    private async Task AnswerAsync(Socket socket, Step step, long since)
    {
        // The delay is what is being measured, not a wait for something else.
        await Task.Delay(step.Thinks);
        await socket.SendAsync(Encoding.ASCII.GetBytes(step.Reply));
        _took.GetOrAdd(step.Operation, static _ => []).Add(Stopwatch.GetElapsedTime(since));
    }
}
