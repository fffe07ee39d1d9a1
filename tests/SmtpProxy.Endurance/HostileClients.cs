using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.Endurance;

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
        new("KeyUpdate flood", 3, 100, static (proxy, _, stop) => OpenSsl(proxy, "K", [], stop)),
        new("renegotiation", 3, 100, static (proxy, _, stop) => OpenSsl(proxy, "R", ["-tls1_2"], stop)),
        new("RST inside TLS", 4, 20, ResetInsideTls),
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

    /// <summary>OpenSSL's own client, told to do something again and again.</summary>
    private static async Task OpenSsl(IPEndPoint proxy, string word, string[] more, CancellationToken stop)
    {
        var start = new ProcessStartInfo("openssl")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        string[] words = ["s_client", "-connect", proxy.ToString(), "-starttls", "smtp", .. more];
        Array.ForEach(words, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, stop);
        var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, stop);
        try
        {
            // Each line that is one of its command letters is a command.
            var many = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{word}\n"));
            for (var n = 0; n < 20_000; n++)
            {
                // It takes one command from each read of its own.
                await process.StandardInput.BaseStream.WriteAsync(many, stop).ConfigureAwait(false);
                await process.StandardInput.BaseStream.FlushAsync(stop).ConfigureAwait(false);
                await Task.Delay(1, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Lines.IsEnd(e))
        {
            // It was closed, or the time is over.
        }

        process.Kill();
        await Task.WhenAll(output, errors).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
    }
}
