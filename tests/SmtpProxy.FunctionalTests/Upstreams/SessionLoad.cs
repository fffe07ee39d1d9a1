using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Cli;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>Clients that send one mail after another until they are told to stop.</summary>
internal sealed class SessionLoad : IAsyncDisposable
{
    private readonly IPEndPoint _proxy;
    private readonly Task _clients;
    private volatile bool _stopped;
    private int _served;

    public SessionLoad(IPEndPoint proxy, int clients)
    {
        _proxy = proxy;
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(RunAsync)));
    }

    /// <summary>Sessions that had every answer they should.</summary>
    public int Served => Volatile.Read(ref _served);

    /// <summary>What clients got in a relay's greeting's place.</summary>
    public ConcurrentQueue<string> Refused { get; } = [];

    /// <summary>The relays whose sessions ended too soon.</summary>
    public ConcurrentQueue<string> Broken { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        await _clients;
    }

    private async Task RunAsync()
    {
        // Traffic, and not a race: a client that never rests would take the machine from the tests beside this one.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_stopped && await pace.WaitForNextTickAsync())
        {
            var relay = "";
            try
            {
                var (client, greeting) = await MailClient.ConnectAsync(_proxy);
                using (client)
                {
                    if (!greeting.StartsWith("220 ", StringComparison.Ordinal))
                    {
                        Refused.Enqueue(greeting);
                        continue;
                    }

                    relay = greeting.Split(' ')[1];
                    await client.SayAsync("EHLO load");
                    if (await client.MailAsync() == $"250 {relay}" && await client.SayAsync("QUIT") == "221 bye")
                    {
                        Interlocked.Increment(ref _served);
                    }
                    else
                    {
                        Broken.Enqueue(relay);
                    }
                }
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                Broken.Enqueue(relay.Length > 0 ? relay : $"no greeting: {e.Message}");
            }
        }
    }
}
