using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Tests.Differential;

namespace SmtpProxy.FunctionalTests.Differential;

/// <summary>One client and one relay that play scripts over sockets in lock-step: a side speaks when everything that the other said has
/// arrived. So the proxy sees exactly the order that the script has.</summary>
internal sealed class DialoguePlayer(Way way, int number) : IDisposable
{
    private readonly TcpListener _relay = new(IPAddress.Loopback, 0);
    private readonly string _announced = string.Create(CultureInfo.InvariantCulture, $"203.0.113.{number + 1}");
    private int _played;

    /// <summary>Name of its listener, and of its cluster.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{way.ToString().ToLowerInvariant()}-{number}");

    public Way Way => way;

    public string Relay => _relay.LocalEndpoint.ToString()!;

    public DialoguePlayer Start()
    {
        _relay.Start();
        return this;
    }

    public void Dispose() => _relay.Dispose();

    /// <summary>Plays it; returns the client's address as the journal has it, and what arrived otherwise than it was sent.</summary>
    public (string Client, string? Difference) Play(Script script, IPEndPoint proxy, bool holds)
    {
        var connected = new Socket(SocketType.Stream, ProtocolType.Tcp);
        connected.Connect(proxy);
        using var client = new End(connected);
        var name = $"127.0.0.1:{client.Port}";
        if (way == Way.Proxy)
        {
            _played++;
            name = string.Create(CultureInfo.InvariantCulture, $"{_announced}:{_played}");
            client.Say(End.Announced(_announced, _played));
        }
        else if (way == Way.Tls)
        {
            client.Secure();
        }

        using var relay = new End(_relay.AcceptSocket());
        if (way == Way.Proxy && relay.Line() is var header && header != End.Announced(_announced, _played))
        {
            return (name, $"the relay was told '{header}'");
        }

        if (way == Way.XClient)
        {
            relay.Say("220 mx\r\n");
            relay.Line();
            relay.Say("250-mx\r\n250 XCLIENT ADDR PORT\r\n");
            if (relay.Line() is var told && !told.StartsWith("XCLIENT ", StringComparison.Ordinal))
            {
                return (name, $"the relay was told '{told}'");
            }
        }

        return (name, Speak(script, client, relay, holds));
    }

    private static string? Speak(Script script, End client, End relay, bool holds)
    {
        var random = new Random(script.Name.Length + script.Pieces.Count);
        for (var n = 0; n < script.Pieces.Count; n++)
        {
            if (n == script.EndsAt)
            {
                client.Fin();
            }

            var piece = script.Pieces[n];
            var (from, to) = piece.IsClients ? (client, relay) : (relay, client);
            var sending = piece.Octets;
            var writes = random.Next(3) switch
                { 0 => sending.Length, 1 => Math.Max(1, sending.Length / 3), _ => Math.Max(7, sending.Length / 9) };
            var whole = Task.CompletedTask;
            if (sending.Length > 20_000)
            {
                // More than the sockets between hold: it is read meanwhile.
                whole = Task.Run(() => from.Say(sending));
            }
            else
            {
                for (var at = 0; at < sending.Length; at += writes)
                {
                    from.Say(sending[at..Math.Min(sending.Length, at + writes)]);
                }
            }

            // What is cut for good may wait in the proxy until it hears of the end.
            if (piece.Completes || !holds)
            {
                if (to.Hear(sending.Length) is var heard && heard != sending)
                {
                    return $"piece {n}: '{sending}' arrived as '{heard}'";
                }
            }

            whole.Wait();
        }

        return Part(script, client, relay, holds);
    }

    private static string? Part(Script script, End client, End relay, bool holds)
    {
        var (first, second) = script.Ending.ByClient ? (client, relay) : (relay, client);
        if (script.Ending.How == EndWord.Reset)
        {
            first.Reset();
            second.Hear(int.MaxValue >> 8);
            return null;
        }

        if (script.EndsAt == script.Pieces.Count)
        {
            first.Fin();
        }

        // Also those octets that waited.
        var rest = holds && script.Pieces is [.., { Completes: false } last] && last.IsClients == script.Ending.ByClient ? last.Octets : "";
        var heard = second.Hear(rest.Length + 1);
        second.Fin();
        first.Hear(1);
        return heard == rest ? null : $"at the end '{heard}' arrived, not '{rest}'";
    }
}
