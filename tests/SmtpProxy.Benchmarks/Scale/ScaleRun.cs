using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Benchmarks.Scale;

/// <summary>
/// What many clients at once cost, and what one of them notices of the others: the product in a process of its own; clients and relay in
/// this one. <c>scale [SECONDS [setting...]]</c>; the settings go to the proxy. Prints a table.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal static class ScaleRun
{
    private const int Few = 50, Senders = 20, Bulk = 4, Rounds = 3, ConnectsPerSecond = 5_000, Warmth = 12;

    /// <summary>As many sessions as the limit of 20,000 descriptors that containers often have lets both processes keep.</summary>
    private const int Many = 9_000;

    public static async Task RunAsync(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        ThreadPool.SetMinThreads(64, 8);
        var seconds = TimeSpan.FromSeconds(arguments.Length > 0 ? double.Parse(arguments[0], CultureInfo.InvariantCulture) : 4);
        using var relay = new PlainRelay();
        using var keys = new KeyFiles();
        foreach (var transport in (string[])["Epoll", "Portable"])
        {
            var tls = MeasuredProxy.FreePort();
            await using var proxy = await MeasuredProxy.StartAsync(relay.EndPoint,
                [$"--SmtpProxy:Transport={transport}", $"--SmtpProxy:Listeners:tls:Address=127.0.0.1:{tls}",
                    "--SmtpProxy:Listeners:tls:Cluster=relays",
                    "--SmtpProxy:Listeners:tls:Tls:Mode=Implicit", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None",
                    .. keys.Settings("tls"), .. arguments.Skip(1)]);
            Say($"\n{transport}\n");
            await SessionsAsync(proxy, TimeSpan.FromSeconds(Warmth));
            await CrowdAsync(proxy, seconds);
            await FairnessAsync(proxy, relay.EndPoint.Port, (tls, keys), seconds);
            await StormAsync(proxy, seconds);
        }
    }

    private static void Say(string text) => Console.WriteLine(text);

    /// <summary>What a session costs beside few open ones, and beside many.</summary>
    private static async Task CrowdAsync(MeasuredProxy proxy, TimeSpan time)
    {
        var (few, many) = (new List<double>(), new List<double>());
        var (contentions, sessions) = (await proxy.ContentionsAsync(), 0);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (size, costs) in ((int, List<double>)[])[(Few, few), (Many, many)])
            {
                var crowd = Crowd(proxy.Port, size);
                var cpu = proxy.Cpu;
                var sent = await SessionsAsync(proxy, time);
                costs.Add((proxy.Cpu - cpu).TotalMicroseconds / sent);
                sessions += sent;
                crowd.ForEach(static c => c.Dispose());
            }
        }

        contentions = await proxy.ContentionsAsync() - contentions;
        var (beside, besideMany) = (Median(few), Median(many));
        Say($"| CPU of a session beside {Few} open ones, and beside {Many} | {beside:F0} and {besideMany:F0} µs " +
            $"({besideMany / beside:F2}) |");
        Say($"| locks that were found taken, in {sessions} sessions and the crowds' | {contentions} |");
    }

    /// <summary>What a client that waits for each reply notices of others.</summary>
    private static async Task FairnessAsync(MeasuredProxy proxy, int relay, (int Port, KeyFiles Keys) tls, TimeSpan time)
    {
        Tell("alone", MailClient.Chat(proxy.Port, time), MailClient.Chat(relay, time));
        using (var end = new CancellationTokenSource())
        {
            var senders = Enumerable.Range(0, Bulk).Select(_ => Own(() => MailClient.SendMuch(proxy.Port, end.Token))).ToArray();
            Tell($"beside {Bulk} that send 6 MB each", MailClient.Chat(proxy.Port, time), MailClient.Chat(relay, time));
            await end.CancelAsync();
            await Task.WhenAll(senders);
        }

        using (var end = new CancellationTokenSource())
        {
            var count = 0;
            var shakes = Enumerable.Range(0, Bulk).Select(_ => Own(() =>
            {
                while (!end.IsCancellationRequested)
                {
                    Shake(tls.Port, tls.Keys);
                    Interlocked.Increment(ref count);
                }
            })).ToArray();
            var began = Stopwatch.GetTimestamp();
            Tell($"beside {Bulk} that do nothing but TLS handshakes", MailClient.Chat(proxy.Port, time), MailClient.Chat(relay, time));
            var rate = count / Stopwatch.GetElapsedTime(began).TotalSeconds;
            await end.CancelAsync();
            await Task.WhenAll(shakes);
            Say($"| those were, a second | {rate:F0} |");
        }

        static void Tell(string when, double[] through, double[] direct) => Say(
            $"| NOOP {when}, p50 / p99 through the proxy, and straight to the relay | {At(through, .5):F0} / {At(through, .99):F0}, " +
                $"{At(direct, .5):F0} / {At(direct, .99):F0} µs |");
    }

    /// <summary>Connections that come at a steady pace and leave after the greeting.</summary>
    private static async Task StormAsync(MeasuredProxy proxy, TimeSpan time)
    {
        var (made, failed, overflows, peak) = (0, 0, MeasuredProxy.Overflows, new ConcurrentBag<int>());
        var due = Stopwatch.StartNew();
        var clients = Enumerable.Range(0, 2 * Senders).Select(_ => Own(() =>
        {
            while (due.Elapsed < time)
            {
                // Each takes a place in the common pace, and waits until it has come.
                var place = TimeSpan.FromSeconds((double)Interlocked.Increment(ref made) / ConnectsPerSecond);
                if (place - due.Elapsed is { TotalMilliseconds: > 1 } early)
                {
                    Thread.Sleep(early);
                }

                try
                {
                    new MailClient(proxy.Port).Dispose();
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        })).ToArray();
        var all = Task.WhenAll(clients);
        while (!all.IsCompleted)
        {
            peak.Add(proxy.Backlog);
            await Task.WhenAny(all, Task.Delay(20));
        }

        await all;
        Say($"| connections a second, of {ConnectsPerSecond} wanted; failed | {made / due.Elapsed.TotalSeconds:F0}; {failed} |");
        Say($"| waited to be accepted: median, most; turned away by the kernel | {Median(peak.Select(static b => (double)b)):F0}, " +
            $"{peak.Max()}; {MeasuredProxy.Overflows - overflows} |");
    }

    private static async Task<int> SessionsAsync(MeasuredProxy proxy, TimeSpan time)
    {
        var (sent, all) = (0, Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Own(() =>
        {
            while (all.Elapsed < time)
            {
                MailClient.SendOne(proxy.Port);
                Interlocked.Increment(ref sent);
            }
        })));
        return sent;
    }

    private static List<MailClient> Crowd(int port, int size)
    {
        var crowd = new ConcurrentBag<MailClient>();
        Parallel.For(0, size, new ParallelOptions { MaxDegreeOfParallelism = 32 }, _ =>
        {
            var client = new MailClient(port);
            client.Say("EHLO a\r\n"u8);
            crowd.Add(client);
        });
        return [.. crowd];
    }

    private static void Shake(int port, KeyFiles keys)
    {
        using var client = new TcpClient("127.0.0.1", port);
        using var secured = new SslStream(client.GetStream(), false, keys.IsIt);
        // No resumption: each is a full one.
        secured.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = "localhost", AllowTlsResume = false });
        client.LingerState = new LingerOption(true, 0);
    }

    private static Task Own(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static double At(double[] sorted, double share) => sorted[(int)((sorted.Length - 1) * share)];

    private static double Median(IEnumerable<double> values) => At([.. values.Order()], .5);

    /// <summary>A certificate that signs itself, in files.</summary>
    private sealed class KeyFiles : IDisposable
    {
        private readonly string _print;
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scale");

        public KeyFiles()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            _print = made.GetCertHashString();
            File.WriteAllText(Certificate, made.ExportCertificatePem());
            File.WriteAllText(Key, "");
            File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        }

        private string Certificate => Path.Combine(_folder.FullName, "certificate.pem");

        private string Key => Path.Combine(_folder.FullName, "key.pem");

        public bool IsIt(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors) =>
            shown?.GetCertHashString() == _print;

        public string[] Settings(string listener) =>
            [$"--SmtpProxy:Listeners:{listener}:Tls:Certificates:0:Certificate={Certificate}",
                $"--SmtpProxy:Listeners:{listener}:Tls:Certificates:0:Key={Key}"];

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
