using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace SmtpProxy.Endurance;

/// <summary>
/// Three proxies behind a balancer, which are asked to end and started again, one after the other, under load: a rolling upgrade. A
/// message that a sender heard nothing good of is sent again, as mail programs do; in the end each is in the relay exactly once.
/// </summary>
internal static class Rolling
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (rounds, rate, delay) = ((int)arguments.Number("rounds", 2), arguments.Number("rate", 40), arguments.Number("delay", 2));
        var random = new Random((int)arguments.Number("seed", 1));
        var folder = Directory.CreateTempSubdirectory("smtpproxy-rolling-").FullName;
        using var relay = new CountingRelay();
        var places = Enumerable.Range(0, 3)
            .Select(static _ => (Mail: Loopback(Balancer.FreePort()), Admin: Loopback(Balancer.FreePort()))).ToArray();
        var proxies = await Task.WhenAll(places.Select(StartAsync)).ConfigureAwait(false);
        using var balancer = new Balancer(folder, places);
        await balancer.ReadyAsync(proxies.Length).ConfigureAwait(false);

        var (tally, again, running, next, restarts, deferred) = (new Tally(), new ConcurrentQueue<Mail>(), new List<Task>(), 0L, 0, 0);
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var changing = ChangeAsync();
        while (!changing.IsCompleted || !again.IsEmpty || running.Count > 0)
        {
            running.RemoveAll(static t => t.IsCompleted);
            if (again.TryDequeue(out var mail))
            {
                running.Add(SendAsync([mail]));
            }
            else if (!changing.IsCompleted)
            {
                running.Add(SendAsync([.. Enumerable.Range(0, random.Next(1, 4))
                    .Select(_ => new Mail(next++, random.Next(200, 200_000)))]));
            }

            await Task.Delay(TimeSpan.FromSeconds(1 / rate)).ConfigureAwait(false);
        }

        await changing.ConfigureAwait(false);
        var refused = await balancer.RefusedAsync().ConfigureAwait(false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{restarts} restarts of three proxies; {next} messages, {deferred} of them sent again; {refused} connections refused"));
        var isGood = tally.Agrees(relay) && tally.Count(Verdict.Unknown) == 0 && refused == 0
            && Enumerable.Range(0, (int)next).All(n => CountingRelay.Refusal(n) != 0 || relay.Copies.GetValueOrDefault(n) == 1);
        Array.ForEach(proxies, static p => p.Dispose());
        Directory.Delete(folder, recursive: true);
        Console.WriteLine(isGood ? "good" : "NOT GOOD");
        return isGood ? 0 : 1;

        Task SendAsync(Mail[] mails) =>
            Sender.SendAsync(balancer.Address, mails, isSecured: false, random.Next(2) == 0, (mail, verdict) =>
            {
                tally.Heard(mail, verdict);
                if (verdict != Verdict.Accepted && CountingRelay.Refusal(mail.Number) == 0)
                {
                    Interlocked.Increment(ref deferred);
                    again.Enqueue(mail);
                }
            }, stop.Token);

        Task<ProxyUnderLoad> StartAsync((IPEndPoint Mail, IPEndPoint Admin) place) =>
            ProxyUnderLoad.StartAsync(arguments.Program, folder, 1,
        [
            "--listen", place.Mail.ToString(), "--admin", $"http://{place.Admin}", "--relay", relay.Address,
            $"--SmtpProxy:Transport={arguments.Transport}", "--SmtpProxy:Limits:Drain=00:00:10",
            $"--SmtpProxy:Limits:StopDelay={TimeSpan.FromSeconds(delay):c}",
        ]);

        async Task ChangeAsync()
        {
            for (; restarts < rounds * proxies.Length; restarts++)
            {
                await Task.Delay(Balancer.Notices, stop.Token).ConfigureAwait(false);
                var which = restarts % proxies.Length;
                proxies[which].Signal(15);
                await proxies[which].EndAsync().ConfigureAwait(false);
                proxies[which].Dispose();
                proxies[which] = await StartAsync(places[which]).ConfigureAwait(false);
                await balancer.ReadyAsync(proxies.Length).ConfigureAwait(false);
            }
        }
    }

    private static IPEndPoint Loopback(int port) => new(IPAddress.Loopback, port);
}
