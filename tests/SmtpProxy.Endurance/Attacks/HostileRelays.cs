using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>Relays that misbehave, each on a port of its own, and clients that are led to them.</summary>
internal sealed class HostileRelays : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, TcpListener> _listeners = [];

    private readonly Dictionary<string, Func<Socket, CancellationToken, Task>> _all = new()
    {
        ["mute"] = static (_, stop) => Task.Delay(Timeout.Infinite, stop),
        ["endless"] = static (socket, stop) => RepeatAsync(socket, new string('y', 16 * 1024), 20, stop),
        ["flood"] = static (socket, stop) => RepeatAsync(socket, string.Concat(Enumerable.Repeat("250 nobody asked\r\n", 500)), 5, stop),
        ["drip"] = static (socket, stop) => RepeatAsync(socket, "2", 1000, stop),
        ["codes"] = Codes,
        ["keywords"] = Keywords,
        ["lmtp-many"] = static (socket, stop) => LmtpAsync(socket, string.Concat(Enumerable.Repeat("250 2.0.0 taken\r\n", 500)), stop),
        ["lmtp-none"] = static (socket, stop) => LmtpAsync(socket, "", stop),
        ["resets"] = static (socket, _) =>
        {
            socket.LingerState = new LingerOption(true, 0);
            return Task.CompletedTask;
        },
    };

    public HostileRelays()
    {
        foreach (var (name, act) in _all)
        {
            var listener = _listeners[name] = new TcpListener(IPAddress.Loopback, 0);
            listener.Start(4096);
            _ = AcceptAsync(listener, act);
        }
    }

    /// <summary>What there is: names of listeners and of clusters.</summary>
    public IReadOnlyCollection<string> Names => _all.Keys;

    /// <summary>As a destination's address.</summary>
    public string Address(string name) => $"smtp://{_listeners[name].LocalEndpoint}";

    /// <summary>Clients of each of them.</summary>
    public IEnumerable<Attack> Attacks(ProxyUnderLoad proxy) =>
        Names.Select(static name => new Attack($"relay: {name}", name is "mute" or "drip" ? 500 : 10, 50,
            name.StartsWith("lmtp", StringComparison.Ordinal) ? TalksLmtp : Talks, name));

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var listener in _listeners.Values)
        {
            listener.Stop();
        }

        _stop.Dispose();
    }

    /// <summary>A client that says what clients say, whatever it hears, and stays for a while.</summary>
    private static Task Talks(IPEndPoint proxy, Random random, CancellationToken stop) => Nuisance.WithAsync(proxy, async (socket, _) =>
    {
        var draining = Nuisance.DrainAsync(socket, stop);
        for (var n = 0; n < 100 && !draining.IsCompleted; n++)
        {
            await Nuisance.SayAsync(socket, "EHLO x\r\n", stop).ConfigureAwait(false);
            await Task.Delay(50, stop).ConfigureAwait(false);
        }
    }, stop);

    /// <summary>A client of LMTP with one message for a hundred recipients.</summary>
    private static Task TalksLmtp(IPEndPoint proxy, Random random, CancellationToken stop) => Nuisance.WithAsync(proxy, async (socket, _) =>
    {
        var draining = Nuisance.DrainAsync(socket, stop);
        var recipients = string.Concat(Enumerable.Range(0, 100).Select(static n => $"RCPT TO:<r{n}@example.net>\r\n"));
        await Nuisance.SayAsync(socket, $"LHLO x\r\nMAIL FROM:<a@example.org>\r\n{recipients}DATA\r\n", stop).ConfigureAwait(false);
        await Task.Delay(200, stop).ConfigureAwait(false);
        await Nuisance.SayAsync(socket, "Subject: x\r\n\r\nx\r\n.\r\n", stop).ConfigureAwait(false);
        await Task.WhenAny(draining, Task.Delay(2000, stop)).ConfigureAwait(false);
    }, stop);

    /// <summary>Answers as it should up to the message, and then without end, or not at all.</summary>
    private static async Task LmtpAsync(Socket socket, string verdicts, CancellationToken stop)
    {
        await using var stream = new NetworkStream(socket);
        var lines = new Lines(stream);
        await Nuisance.SayAsync(socket, "220 lmtp ready\r\n", stop).ConfigureAwait(false);
        for (var inBody = false; await lines.ReadAsync(stop).ConfigureAwait(false) is { } line;)
        {
            if (line == ".")
            {
                await RepeatAsync(socket, verdicts, 5, stop).ConfigureAwait(false);
            }

            inBody |= line == "DATA";
            await Nuisance.SayAsync(socket, line == "DATA" ? "354 go on\r\n" : inBody ? "" : "250 2.0.0 fine\r\n", stop)
                .ConfigureAwait(false);
        }
    }

    private static async Task RepeatAsync(Socket socket, string text, int pause, CancellationToken stop)
    {
        while (true)
        {
            await Nuisance.SayAsync(socket, text, stop).ConfigureAwait(false);
            await Task.Delay(pause, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Every code that three digits can be, with enhanced codes that nobody has.</summary>
    private static async Task Codes(Socket socket, CancellationToken stop)
    {
        await Nuisance.SayAsync(socket, "220 codes ESMTP\r\n", stop).ConfigureAwait(false);
        var (octets, random) = (new byte[4096], new Random(socket.Handle.ToInt32()));
        for (var n = 200; await socket.ReceiveAsync(octets, stop).ConfigureAwait(false) > 0; n++)
        {
            var code = 200 + (n % 400);
            var text = string.Create(CultureInfo.InvariantCulture, $"{code} {code / 100}.{random.Next(999)}.{random.Next(999)} so\r\n");
            await Nuisance.SayAsync(socket, text, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Capabilities that are never the same.</summary>
    private static async Task Keywords(Socket socket, CancellationToken stop)
    {
        await Nuisance.SayAsync(socket, "220 keywords ESMTP\r\n", stop).ConfigureAwait(false);
        var (octets, random) = (new byte[4096], new Random(socket.Handle.ToInt32()));
        while (await socket.ReceiveAsync(octets, stop).ConfigureAwait(false) > 0)
        {
            var all = string.Concat(Enumerable.Range(0, 200).Select(_ => $"250-X{random.Next()} P{random.Next()}\r\n"));
            await Nuisance.SayAsync(socket, $"250-keywords\r\n{all}250 OK\r\n", stop).ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync(TcpListener listener, Func<Socket, CancellationToken, Task> act)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(socket));
            }
        }
        catch (Exception e) when (Lines.IsEnd(e))
        {
            // Stopped.
        }

        async Task ServeAsync(Socket socket)
        {
            using (socket)
            {
                try
                {
                    await act(socket, _stop.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (Lines.IsEnd(e))
                {
                    // The proxy left.
                }
            }
        }
    }
}
