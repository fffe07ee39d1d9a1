using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>What clients may do to a proxy.</summary>
internal static class HostileClients
{
    /// <summary>All of it.</summary>
    public static readonly IReadOnlyList<Attack> All =
    [
        new("nothing", 1, 1000, static (_, _, _) => Task.CompletedTask),
        new("slow-loris", 1000, 0, Drips),
        new("endless line", 20, 0, EndlessLine),
        new("pipelined NOOPs", 4, 0, Pipelines),
        new("takes no replies", 200, 0, TakesNothing),
        new("many recipients", 4, 10, ManyRecipients),
        new("NULs and junk", 10, 20, Nuisance.TalksNonsense),
        new("silent", 2000, 0, Silent),
        new("storm", 20, 20, Nuisance.Leaves),
        new("RST anywhere", 20, 20, Nuisance.BreaksOff),
        new("cut handshakes", 20, 20, Nuisance.DropsTls),
        new("TLS octet by octet", 100, 0, FragmentedHello),
        new("SNI of its own", 4, 20, Nuisance.ShakesHands),
        .. HostileTls.All,
        new("RST inside TLS", 4, 20, ResetInsideTls),
        new("readers of the stream", 1000, 200, ReadsStream, Attack.Admin),
        // As many as 20,000 open files allow, here as in the proxy: each has a connection of a client and one of a relay.
        new("9,000 idle", 9000, 0, Idle) { Stands = true },
    ];

    private static Task Drips(IPEndPoint proxy, Random random, CancellationToken stop) =>
        Nuisance.WithAsync(proxy, async (socket, _) =>
    {
        while (true)
        {
            await Nuisance.SayAsync(socket, "x", stop).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromSeconds(1 + random.NextDouble()), stop).ConfigureAwait(false);
        }
    }, stop);

    private static Task EndlessLine(IPEndPoint proxy, Random _, CancellationToken stop) => Nuisance.WithAsync(proxy, async (socket, _) =>
    {
        var many = new string('x', 16 * 1024);
        while (true)
        {
            await Nuisance.SayAsync(socket, many, stop).ConfigureAwait(false);
            await Task.Delay(20, stop).ConfigureAwait(false);
        }
    }, stop);

    private static Task Pipelines(IPEndPoint proxy, Random _, CancellationToken stop) => Nuisance.WithAsync(proxy, async (socket, _) =>
    {
        var draining = Nuisance.DrainAsync(socket, stop);
        var noops = string.Concat(Enumerable.Repeat("NOOP\r\n", 1000));
        for (var n = 0; n < 1000; n++)
        {
            await Nuisance.SayAsync(socket, noops, stop).ConfigureAwait(false);
        }

        await Nuisance.SayAsync(socket, "QUIT\r\n", stop).ConfigureAwait(false);
        await draining.ConfigureAwait(false);
    }, stop);

    private static Task TakesNothing(IPEndPoint proxy, Random _, CancellationToken stop) => Nuisance.WithAsync(proxy, async (socket, _) =>
    {
        socket.ReceiveBufferSize = 2048;
        var noops = string.Concat(Enumerable.Repeat("NOOP\r\n", 1000));
        while (true)
        {
            await Nuisance.SayAsync(socket, noops, stop).ConfigureAwait(false);
        }
    }, stop);

    private static Task ManyRecipients(IPEndPoint proxy, Random _, CancellationToken stop) => Nuisance.WithAsync(proxy, async (socket, _) =>
    {
        var draining = Nuisance.DrainAsync(socket, stop);
        await Nuisance.SayAsync(socket, "EHLO x\r\nMAIL FROM:<a@example.org>\r\n", stop).ConfigureAwait(false);
        for (var n = 0; n < 20; n++)
        {
            var some = string.Concat(Enumerable.Range(n * 1000, 1000).Select(static r => $"RCPT TO:<r{r}@example.net>\r\n"));
            await Nuisance.SayAsync(socket, some, stop).ConfigureAwait(false);
        }

        await Nuisance.SayAsync(socket, "RSET\r\nQUIT\r\n", stop).ConfigureAwait(false);
        await draining.ConfigureAwait(false);
    }, stop);

    private static Task Silent(IPEndPoint proxy, Random random, CancellationToken stop) =>
        Nuisance.WithAsync(proxy, (_, _) => Task.Delay(Timeout.Infinite, stop), stop);

    private static Task FragmentedHello(IPEndPoint proxy, Random _, CancellationToken stop) =>
        Nuisance.WithAsync(proxy, async (socket, lines) =>
    {
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await Nuisance.SayAsync(socket, "EHLO x\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await Nuisance.SayAsync(socket, "STARTTLS\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        // Records of one octet each: the beginning of a ClientHello that says it is long.
        for (var n = 0; ; n++)
        {
            byte octet = n switch { 0 => 1, 1 => 0, 2 => 0x3F, 3 => 0xFF, _ => 3 };
            await Nuisance.SendAsync(socket, new byte[] { 0x16, 3, 1, 0, 1, octet }, stop).ConfigureAwait(false);
            await Task.Delay(20, stop).ConfigureAwait(false);
        }
    }, stop);

    private static Task ResetInsideTls(IPEndPoint proxy, Random random, CancellationToken stop) =>
        Nuisance.WithAsync(proxy, async (socket, lines) =>
    {
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await Nuisance.SayAsync(socket, "EHLO x\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await Nuisance.SayAsync(socket, "STARTTLS\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(Nuisance.Options(random), stop).ConfigureAwait(false);
        var commands = "EHLO y\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n"u8.ToArray();
        await tls.WriteAsync(commands, stop).ConfigureAwait(false);
        await tls.WriteAsync(new byte[random.Next(100_000)], stop).ConfigureAwait(false);
        socket.LingerState = new LingerOption(true, 0);
    }, stop);

    /// <summary>Asks for all that happens, and reads it; one who is told that there is no place stays nevertheless.</summary>
    private static Task ReadsStream(IPEndPoint admin, Random _, CancellationToken stop) => Nuisance.WithAsync(admin, async (socket, _) =>
    {
        await Nuisance.SayAsync(socket, "GET /api/v1/sessions/stream HTTP/1.1\r\nHost: localhost\r\n\r\n", stop).ConfigureAwait(false);
        await Nuisance.DrainAsync(socket, stop).ConfigureAwait(false);
    }, stop);

    private static Task Idle(IPEndPoint proxy, Random _, CancellationToken stop) => Nuisance.WithAsync(proxy, async (socket, lines) =>
    {
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await Nuisance.SayAsync(socket, "EHLO x\r\n", stop).ConfigureAwait(false);
        await lines.ReplyAsync(stop).ConfigureAwait(false);
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(false);
    }, stop);
}
