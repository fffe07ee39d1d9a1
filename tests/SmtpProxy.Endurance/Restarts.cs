using System.Globalization;
using System.Net;

namespace SmtpProxy.Endurance;

/// <summary>
/// Two proxies on one port, of which one or the other is killed or asked to end, and started again, under load. What a sender
/// heard is accepted must be in the relay once; what it heard nothing of may be there, and is counted as such: no protocol of
/// mail can do better.
/// </summary>
internal static class Restarts
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (seconds, rate) = (arguments.Number("seconds", 60), arguments.Number("rate", 40));
        var random = new Random((int)arguments.Number("seed", 1));
        var folder = Directory.CreateTempSubdirectory("smtpproxy-restart-").FullName;
        using var relay = new CountingRelay();
        var port = Balancer.FreePort();
        var target = new IPEndPoint(IPAddress.Loopback, port);
        var proxies = new[] { await StartAsync().ConfigureAwait(false), await StartAsync().ConfigureAwait(false) };
        var (tally, running, next, kills, stops) = (new Tally(), new List<Task>(), 0L, 0, 0);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds + 120));
        var changing = ChangeAsync();
        for (var began = DateTime.UtcNow; DateTime.UtcNow - began < TimeSpan.FromSeconds(seconds);)
        {
            running.RemoveAll(static t => t.IsCompleted);
            var mails = Enumerable.Range(0, random.Next(1, 4)).Select(_ => new Mail(next++, random.Next(200, 200_000))).ToArray();
            running.Add(Sender.SendAsync(target, mails, isSecured: false, random.Next(2) == 0, tally.Heard, stop.Token));
            await Task.Delay(TimeSpan.FromSeconds(1 / rate)).ConfigureAwait(false);
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        await changing.ConfigureAwait(false);
        Console.WriteLine($"{kills} times SIGKILL, {stops} times SIGTERM, and a restart after each");
        var isGood = tally.Agrees(relay);
        Array.ForEach(proxies, static p => p.Dispose());
        Directory.Delete(folder, recursive: true);
        Console.WriteLine(isGood ? "good" : "NOT GOOD");
        return isGood ? 0 : 1;

        Task<ProxyUnderLoad> StartAsync() => ProxyUnderLoad.StartAsync(arguments.Program, folder, 1,
        [
            string.Create(CultureInfo.InvariantCulture, $"--SmtpProxy:Listeners:inbound:Address=127.0.0.1:{port}"),
            "--SmtpProxy:Listeners:inbound:Cluster=relays", "--SmtpProxy:Listeners:inbound:ReusePort=true", "--admin", "http://127.0.0.1:0",
            "--relay", relay.Address, $"--SmtpProxy:Transport={arguments.Transport}", "--SmtpProxy:Limits:Drain=00:00:05",
        ]);

        async Task ChangeAsync()
        {
            for (var began = DateTime.UtcNow; DateTime.UtcNow - began < TimeSpan.FromSeconds(seconds);)
            {
                await Task.Delay(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
                var which = (kills + stops) % 2;
                var isKilled = (kills + stops) / 2 % 2 == 0;
                _ = isKilled ? kills++ : stops++;
                proxies[which].Signal(isKilled ? 9 : 15);
                await proxies[which].EndAsync().ConfigureAwait(false);
                proxies[which].Dispose();
                proxies[which] = await StartAsync().ConfigureAwait(false);
            }
        }
    }
}
