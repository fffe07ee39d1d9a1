using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>A relay that thinks for a known time before each reply and measures, with its own clock, how long it really took: from the
/// moment when it had the command until it had handed over the reply.</summary>
internal sealed class DelayingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, TimeSpan> _delay;
    private readonly Task _running;

    public DelayingRelay(Func<string, TimeSpan> delay)
    {
        _delay = delay;
        _listener.Start();
        _running = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What each session really took, by the client's port at the relay: verb and milliseconds, in order.</summary>
    public Dictionary<int, List<(string Verb, double Ms)>> Took { get; } = [];

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
            socket.NoDelay = true;
            sessions.Add(ServeAsync(socket, Stopwatch.GetTimestamp()));
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(Socket socket, long accepted)
    {
        using var _ = socket;
        var took = new List<(string Verb, double Ms)>();
        lock (Took)
        {
            Took[((IPEndPoint)socket.RemoteEndPoint!).Port] = took;
        }

        using var reader = new StreamReader(new NetworkStream(socket), Encoding.Latin1);
        await AnswerAsync(socket, took, "", accepted, "220 ready\r\n");
        var inData = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            var received = Stopwatch.GetTimestamp();
            if (inData && line != ".")
            {
                continue;
            }

            var verb = inData ? "." : line.Split(' ')[0].ToUpperInvariant();
            inData = verb == "DATA";
            await AnswerAsync(socket, took, verb, received, verb switch
            {
                "DATA" => "354 go\r\n",
                "QUIT" => "221 bye\r\n",
                _ => "250 2.0.0 ok\r\n",
            });
            if (verb == "QUIT")
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(Socket socket, List<(string Verb, double Ms)> took, string verb, long since, string reply)
    {
        // The delay is what is being measured, not a wait for something else.
        await Task.Delay(_delay(verb));
        await socket.SendAsync(Encoding.ASCII.GetBytes(reply));
        took.Add((verb, Stopwatch.GetElapsedTime(since).TotalMilliseconds));
    }
}
