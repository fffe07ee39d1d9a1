using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Stands where a member of the fleet says that its admin side is, and answers whatever it is told to.</summary>
internal sealed class OddPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly Task _accepting;

    public OddPeer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>The requests, each as it came.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>What it answers to a path; null: nothing ever, and the connection stays.</summary>
    public Func<string, string?> Answer { get; set; } = static _ => null;

    public static string Json(string body, string status = "200 OK", string more = "") => string.Create(CultureInfo.InvariantCulture,
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n{more}\r\n{body}");

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        await foreach (var client in _listener.ClientsAsync())
        {
            _clients.Add(client);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1, leaveOpen: true);
            var request = new StringBuilder();
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                request.AppendLine(line);
            }

            Requests.Enqueue(request.ToString());
            if (Answer(request.ToString().Split(' ')[1]) is { } answer)
            {
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(answer));
                client.Close();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            // The proxy has heard enough.
        }
    }
}
