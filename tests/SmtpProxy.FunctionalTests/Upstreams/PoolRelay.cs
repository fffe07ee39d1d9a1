using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>A relay that can be killed, stalled and revived at its address, and remembers what it was told.</summary>
internal sealed class PoolRelay : IAsyncDisposable
{
    private readonly string _name;
    private readonly string[] _ehlo;
    private readonly ConcurrentDictionary<Task, Socket> _sessions = new();
    private readonly IPEndPoint _address;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private volatile TaskCompletionSource _awake = Awake();

    /// <param name="name">What it calls itself.</param>
    /// <param name="ehlo">Its capabilities.</param>
    public PoolRelay(string name, params string[] ehlo)
    {
        (_name, _ehlo) = (name, ["250-" + name, .. ehlo.SkipLast(1).Select(static c => "250-" + c),
            .. ehlo.TakeLast(1).Select(static c => "250 " + c)]);
        _ehlo = ehlo.Length == 0 ? ["250 " + name] : _ehlo;
        _address = (IPEndPoint)Listen(new IPEndPoint(IPAddress.Loopback, 0)).LocalEndPoint!;
    }

    public string Name => _name;

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_address}";

    /// <summary>Its greeting.</summary>
    public string Greeting { get; init; } = "220 ready";

    /// <summary>Each connection that ended, as everything that was said on it.</summary>
    public ConcurrentQueue<string> Heard { get; } = [];

    /// <summary>All connections are reset and new ones refused.</summary>
    public async Task KillAsync()
    {
        _listener?.Dispose();
        await _accepting;
        foreach (var socket in _sessions.Values)
        {
            // Without waiting: a reset. Harmless when the session ends just now.
            socket.Close(0);
        }
    }

    /// <summary>Accepts connections and says nothing any more.</summary>
    public void Stall() => _awake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As it was before.</summary>
    public void Revive()
    {
        _awake.TrySetResult();
        if (_accepting.IsCompleted)
        {
            Listen(_address);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _awake.TrySetResult();
        await KillAsync();
        await Task.WhenAll(_sessions.Keys);
    }

    private static TaskCompletionSource Awake()
    {
        var awake = new TaskCompletionSource();
        awake.SetResult();
        return awake;
    }

    private Socket Listen(IPEndPoint address)
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(address);
        _listener.Listen(512);
        _accepting = AcceptAsync(_listener);
        return _listener;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync();
                var ended = new TaskCompletionSource();
                _sessions[ended.Task] = client;
                _ = TalkAsync(client).ContinueWith(_ =>
                {
                    _sessions.TryRemove(ended.Task, out var _);
                    ended.SetResult();
                }, TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Killed.
        }
    }

    private async Task TalkAsync(Socket client)
    {
        var heard = new StringBuilder();
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            using var lines = new StreamReader(stream, Encoding.Latin1);
            await SayAsync(stream, Greeting.Replace("ready", $"{_name} ready", StringComparison.Ordinal));
            while (await lines.ReadLineAsync() is { } line)
            {
                heard.Append(line).Append('\n');
                switch (line.Split(' ')[0])
                {
                    case "EHLO":
                        await SayAsync(stream, _ehlo);
                        break;
                    case "DATA":
                        await SayAsync(stream, "354 go");
                        while (await lines.ReadLineAsync() is not ("." or null))
                        {
                        }

                        await SayAsync(stream, $"250 {_name}");
                        break;
                    case "QUIT":
                        await SayAsync(stream, "221 bye");
                        return;
                    default:
                        await SayAsync(stream, $"250 {_name}");
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
        finally
        {
            Heard.Enqueue(heard.ToString());
        }
    }

    private async Task SayAsync(NetworkStream stream, params string[] lines)
    {
        await _awake.Task;
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Concat(lines.Select(static l => l + "\r\n"))));
    }
}
