using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace SmtpProxy.Endurance;

/// <summary>What a proxy takes, alone and beside others: processor time for a session, memory, and series of metrics. Processor time
/// rather than sessions a second, as senders, relay and proxies share one machine.</summary>
internal static class Scale
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (count, relays, sessions, idle) = ((int)arguments.Number("proxies", 1), (int)arguments.Number("relays", 1),
            (int)arguments.Number("sessions", 6000), (int)arguments.Number("idle", 2000));
        var folder = Directory.CreateTempSubdirectory("smtpproxy-scale-").FullName;
        var counting = Enumerable.Range(0, relays).Select(static _ => new CountingRelay()).ToArray();
        var proxies = new List<ProxyUnderLoad>();
        for (var n = 0; n < count; n++)
        {
            proxies.Add(await ProxyUnderLoad.StartAsync(arguments.Program, folder, 1,
            [
                "--listen", "127.0.0.1:0", "--admin", "http://127.0.0.1:0", $"--SmtpProxy:Transport={arguments.Transport}",
                .. counting.SelectMany(static relay => new[] { "--relay", relay.Address }), .. FleetUse.Arguments(arguments, folder),
            ]).ConfigureAwait(false));
        }

        // Compiled and warm before anything is measured.
        await FleetUse.ArmAsync(arguments, proxies[0]).ConfigureAwait(false);
        await SendAsync(sessions / 3).ConfigureAwait(false);
        var asked = await FleetUse.AskedAsync(proxies).ConfigureAwait(false);
        var (before, clock) = (proxies.Select(Spent).ToArray(), Stopwatch.StartNew());
        await SendAsync(sessions).ConfigureAwait(false);
        var seconds = clock.Elapsed.TotalSeconds;
        Print($"{count} proxies, {relays} relays: {sessions / seconds:F0} sessions/s in all, on {Environment.ProcessorCount} processors");
        foreach (var (proxy, was) in proxies.Zip(before))
        {
            var spent = Spent(proxy) - was;
            var (figures, busy) = (await proxy.ReadAsync().ConfigureAwait(false), proxy.Footprint());
            var each = spent.TotalMilliseconds * count / sessions;
            Print($"  a proxy: {each:F3} ms of processor time a session, {busy.Megabytes} MiB, {figures.Series} series");
        }

        foreach (var (use, requests) in await FleetUse.AskedAsync(proxies).ConfigureAwait(false))
        {
            var more = requests - asked.GetValueOrDefault(use);
            Print($"  Redis was asked for {use} {more} times, {more / sessions:F2} a session and {more / seconds:F1} a second");
        }

        var open = await OpenAsync(proxies[0].Listener("inbound"), idle).ConfigureAwait(false);
        Print($"  with {idle} sessions open: {proxies[0].Footprint().Megabytes} MiB");
        open.ForEach(static socket => socket.Dispose());
        proxies.ForEach(static p => p.Dispose());
        Array.ForEach(counting, static r => r.Dispose());
        Directory.Delete(folder, recursive: true);
        return 0;

        async Task SendAsync(int many) => await Parallel.ForAsync(0, many, new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (n, stop) => await Sender.SendAsync(proxies[n % count].Listener("inbound"), [new Mail(n, 4000)], isSecured: false,
                isPipelined: n % 2 == 0, static (_, _) => { }, stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static TimeSpan Spent(ProxyUnderLoad proxy)
    {
        using var process = Process.GetProcessById(proxy.Id);
        return process.TotalProcessorTime;
    }

    /// <summary>Sessions that said EHLO and wait.</summary>
    private static async Task<List<IDisposable>> OpenAsync(IPEndPoint proxy, int many)
    {
        var open = new List<IDisposable>();
        for (var n = 0; n < many; n++)
        {
            var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(proxy).ConfigureAwait(false);
            var lines = new Lines(client.GetStream());
            await lines.ReplyAsync(CancellationToken.None).ConfigureAwait(false);
            await client.GetStream().WriteAsync("EHLO client.example\r\n"u8.ToArray()).ConfigureAwait(false);
            await lines.ReplyAsync(CancellationToken.None).ConfigureAwait(false);
            open.Add(client);
        }

        return open;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
