using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Transport;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>Plays a dialogue: <c>C:</c> lines go out, those in a row in one piece; <c>S:</c> lines must come, exactly; <c>END</c> must come
/// next and be a FIN or a RST; <c>HELD</c> waits for the fault; <c>RESET</c> is the client's own.</summary>
internal static partial class RowClient
{
    /// <summary>Connects from an address of its own, by which the relay tells it from others.</summary>
    public static async Task PlayAsync(IPAddress from, IPEndPoint to, string dialogue, IReadOnlyDictionary<string, string[]> words,
        Func<Task> held)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(to).WaitAsync(Rig.Patience);
        var peer = new Peer(socket);
        var pending = new StringBuilder();
        foreach (var line in dialogue.Split('\n').SelectMany(line => Spell(line.TrimEnd('\r'), words)))
        {
            if (line.StartsWith("C:", StringComparison.Ordinal))
            {
                pending.Append(line.AsSpan(Math.Min(3, line.Length))).Append("\r\n");
                continue;
            }

            await peer.Says(pending.ToString());
            pending.Clear();
            switch (line)
            {
                case "END fin":
                    await peer.Ends(EndKind.Fin);
                    return;
                case "END reset":
                    await peer.Ends(EndKind.Reset);
                    return;
                case "HELD":
                    await held();
                    break;
                case "RESET":
                    peer.Reset();
                    return;
                default:
                    Assert.Equal(line[3..], QueueId().Replace(await LineAsync(peer), "queued as QUEUED"));
                    break;
            }
        }
    }

    /// <summary>The whole reply to EHLO, and the greeting, as the relay has them without a proxy.</summary>
    public static async Task<(string Greeting, string[] Ehlo)> ReadAsync(byte[] header, IPEndPoint relay)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(relay).WaitAsync(Rig.Patience);
        var peer = new Peer(socket);
        await peer.Says(header);
        var greeting = await LineAsync(peer);
        await peer.Says("EHLO c.example\r\n");
        List<string> ehlo = [];
        do
        {
            ehlo.Add(await LineAsync(peer));
        }
        while (ehlo[^1][3] == '-');
        await peer.Says("QUIT\r\n");
        await peer.ReadToEnd();
        return (greeting, [.. ehlo]);
    }

    private static IEnumerable<string> Spell(string line, IReadOnlyDictionary<string, string[]> words) =>
        words.TryGetValue(line, out var spelt) ? spelt.Select(static word => $"S: {word}") : [line];

    private static async Task<string> LineAsync(Peer peer)
    {
        var line = new StringBuilder();
        while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
        {
            var octet = await peer.Read(1);
            if (octet.Length == 0)
            {
                return line + "(end)";
            }

            line.Append((char)octet[0]);
        }

        return line.ToString(0, line.Length - 2);
    }

    [GeneratedRegex("queued as [0-9A-F]+")]
    private static partial Regex QueueId();
}
