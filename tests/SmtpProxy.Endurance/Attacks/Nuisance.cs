using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>Clients that are no senders of mail.</summary>
internal static class Nuisance
{
    /// <summary>All kinds; each does something with one connection and leaves.</summary>
    public static readonly IReadOnlyList<Func<IPEndPoint, Random, CancellationToken, Task>> All =
    [
        Leaves, BreaksOff, TalksNonsense, AsksWithoutListening, ShakesHands, SpeaksTlsAtOnce, Waits, DropsTls,
    ];

    /// <summary>Connects and closes.</summary>
    public static Task Leaves(IPEndPoint proxy, Random random, CancellationToken stop) =>
        WithAsync(proxy, static (_, _) => Task.CompletedTask, stop);

    /// <summary>Resets the connection inside a message, or before.</summary>
    public static Task BreaksOff(IPEndPoint proxy, Random random, CancellationToken stop)
    {
        string[] all =
        [
            "EHLO gone\r\n", "MAIL FROM:<gone@example.org>\r\n", "RCPT TO:<x@example.net>\r\n", "DATA\r\n",
            "Subject: gone\r\n\r\nhalf a line",
        ];
        var said = all[..random.Next(1, all.Length + 1)];
        return WithAsync(proxy, async (socket, lines) =>
        {
            foreach (var line in said)
            {
                await lines.ReplyAsync(stop).ConfigureAwait(false);
                await SayAsync(socket, line, stop).ConfigureAwait(false);
            }

            socket.LingerState = new LingerOption(true, 0);
        }, stop);
    }

    /// <summary>Verbs, names and parameters that nobody has heard of, NULs and long lines among them.</summary>
    public static Task TalksNonsense(IPEndPoint proxy, Random random, CancellationToken stop) => WithAsync(proxy, async (socket, lines) =>
    {
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await SayAsync(socket, $"EHLO h{random.Next()}.example.org\r\n", stop).ConfigureAwait(false);
        for (var n = 0; n < 50; n++)
        {
            var word = random.Next(5) switch
            {
                0 => "\0\0\0",
                1 => new string('x', random.Next(1, 3000)),
                2 => $"MAIL FROM:<a@b> K{random.Next()}=V",
                _ => $"V{random.Next()} arg",
            };
            await SayAsync(socket, word + "\r\n", stop).ConfigureAwait(false);
        }

        await SayAsync(socket, "QUIT\r\n", stop).ConfigureAwait(false);
        await DrainAsync(socket, stop).ConfigureAwait(false);
    }, stop);

    /// <summary>Thousands of commands in one go, and reads all the answers afterwards.</summary>
    public static Task AsksWithoutListening(IPEndPoint proxy, Random _, CancellationToken stop) => WithAsync(proxy, async (socket, _) =>
    {
        var noops = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("NOOP\r\n", 2000)) + "QUIT\r\n");
        var sending = SendAsync(socket, noops, stop);
        await DrainAsync(socket, stop).ConfigureAwait(false);
        await sending.ConfigureAwait(false);
    }, stop);

    /// <summary>STARTTLS with a name of its own, EHLO inside, QUIT.</summary>
    public static Task ShakesHands(IPEndPoint proxy, Random random, CancellationToken stop) => WithAsync(proxy, async (socket, lines) =>
    {
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await SayAsync(socket, "EHLO x\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await SayAsync(socket, "STARTTLS\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(Options(random), stop).ConfigureAwait(false);
        await tls.WriteAsync("EHLO y\r\nQUIT\r\n"u8.ToArray(), stop).ConfigureAwait(false);
        await new Lines(tls).ReplyAsync(stop).ConfigureAwait(false);
    }, stop);

    /// <summary>A ClientHello in the place of a command.</summary>
    public static Task SpeaksTlsAtOnce(IPEndPoint proxy, Random random, CancellationToken stop) => WithAsync(proxy, async (socket, _) =>
    {
        await using var tls = new SslStream(new NetworkStream(socket));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        await tls.AuthenticateAsClientAsync(Options(random), patience.Token).ConfigureAwait(false);
    }, stop);

    /// <summary>Says EHLO and nothing more for a while.</summary>
    public static Task Waits(IPEndPoint proxy, Random random, CancellationToken stop) => WithAsync(proxy, async (socket, lines) =>
    {
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await SayAsync(socket, "EHLO x\r\n", stop).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(random.Next(1, 30)), stop).ConfigureAwait(false);
    }, stop);

    /// <summary>Leaves amid a handshake, by FIN or RST, after some octets of what might be one.</summary>
    public static Task DropsTls(IPEndPoint proxy, Random random, CancellationToken stop) => WithAsync(proxy, async (socket, lines) =>
    {
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await SayAsync(socket, "EHLO x\r\nSTARTTLS\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        byte[] hello = [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, 1, 2, 3];
        await SendAsync(socket, hello.AsMemory(0, random.Next(hello.Length)), stop).ConfigureAwait(false);
        socket.LingerState = new LingerOption(random.Next(2) == 0, 0);
    }, stop);

    /// <summary>With one connection, which is closed afterwards; whoever ends it.</summary>
    public static async Task WithAsync(IPEndPoint proxy, Func<Socket, Lines, Task> act, CancellationToken stop)
    {
        try
        {
            using var socket = new Socket(proxy.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(proxy, stop).ConfigureAwait(false);
            await using var stream = new NetworkStream(socket);
            await act(socket, new Lines(stream)).ConfigureAwait(false);
        }
        catch (Exception e) when (Lines.IsEnd(e))
        {
            // That is what it is for.
        }
    }

    /// <summary>Sends a line, whole.</summary>
    public static Task SayAsync(Socket socket, string text, CancellationToken stop) =>
        SendAsync(socket, Encoding.Latin1.GetBytes(text), stop);

    /// <summary>Sends octets, all of them.</summary>
    public static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> octets, CancellationToken stop)
    {
        while (octets.Length > 0)
        {
            octets = octets[await socket.SendAsync(octets, stop).ConfigureAwait(false)..];
        }
    }

    /// <summary>Reads to the end.</summary>
    public static async Task<long> DrainAsync(Socket socket, CancellationToken stop)
    {
        var (octets, all) = (new byte[64 * 1024], 0L);
        while (await socket.ReceiveAsync(octets, stop).ConfigureAwait(false) is > 0 and var n)
        {
            all += n;
        }

        return all;
    }

    /// <summary>TLS towards a name that nobody has.</summary>
    public static SslClientAuthenticationOptions Options(Random random) => new()
    {
        TargetHost = string.Create(CultureInfo.InvariantCulture, $"n{random.Next()}.example.net"),
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };
}
