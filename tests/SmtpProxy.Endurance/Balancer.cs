using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.Endurance;

/// <summary>A balancer of layer 4, HAProxy, that sends sessions to the proxies whose <c>/readyz</c> answers 200. It tries each
/// connection once: one that a proxy refuses is lost, and counted.</summary>
internal sealed class Balancer : IDisposable
{
    /// <summary>How long it takes at most until it has seen that a proxy is not ready: a check each tenth of a second, and one that
    /// fails is enough.</summary>
    public static readonly TimeSpan Notices = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly string _control;

    /// <summary>Starts it.</summary>
    /// <param name="folder">Where its files are made.</param>
    /// <param name="backends">Of each proxy where it takes mail, and where it says whether it is ready.</param>
    public Balancer(string folder, IEnumerable<(IPEndPoint Mail, IPEndPoint Admin)> backends)
    {
        _control = Path.Combine(folder, "haproxy.sock");
        Address = new IPEndPoint(IPAddress.Loopback, FreePort());
        var file = Path.Combine(folder, "haproxy.cfg");
        File.WriteAllText(file, $"""
            global
              stats socket {_control}
            defaults
              mode tcp
              retries 0
              timeout connect 10s
              timeout client 5m
              timeout server 5m
              timeout check 5s
            listen smtp
              bind {Address}
              balance leastconn
              option httpchk
              http-check send meth GET uri /readyz hdr Host localhost
              default-server check inter 100ms fall 1 rise 1
            {string.Join('\n', backends.Select(static (b, n) => string.Create(CultureInfo.InvariantCulture,
                $"  server proxy{n} {b.Mail} port {b.Admin.Port}")))}

            """);
        _process = Process.Start(new ProcessStartInfo("haproxy", ["-db", "-q", "-f", file]))!;
    }

    /// <summary>Where senders connect.</summary>
    public IPEndPoint Address { get; }

    /// <summary>A port that nobody has now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Waits until it sends sessions to so many proxies.</summary>
    public async Task ReadyAsync(int proxies)
    {
        while ((await StatusAsync().ConfigureAwait(false))
            .Count(static server => server["status"].StartsWith("UP", StringComparison.Ordinal))
            != proxies)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.1)).ConfigureAwait(false);
        }
    }

    /// <summary>Connections that a proxy did not take.</summary>
    public async Task<long> RefusedAsync() =>
        (await StatusAsync().ConfigureAwait(false)).Sum(static server => long.Parse(server["econ"], CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    /// <summary>What it knows of each proxy, by the names of its columns.</summary>
    private async Task<IReadOnlyList<Dictionary<string, string>>> StatusAsync()
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_control)).ConfigureAwait(false);
            await socket.SendAsync("show stat\n"u8.ToArray()).ConfigureAwait(false);
            using var reader = new StreamReader(new NetworkStream(socket), Encoding.Latin1);
            var lines = (await reader.ReadToEndAsync().ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var names = lines[0].TrimStart('#', ' ').Split(',');
            return [.. lines[1..].Select(line => line.Split(','))
                .Where(static cells => cells[1].StartsWith("proxy", StringComparison.Ordinal))
                .Select(cells => names.Zip(cells).Where(static p => p.First.Length > 0)
                    .ToDictionary(static p => p.First, static p => p.Second))];
        }
        catch (SocketException)
        {
            // It has not begun yet.
            return [];
        }
    }
}
