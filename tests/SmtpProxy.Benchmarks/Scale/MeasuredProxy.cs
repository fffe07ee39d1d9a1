using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Benchmarks.Scale;

/// <summary>The product in a process of its own, and what the system says of that.</summary>
internal sealed class MeasuredProxy : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly Process _process;
    private readonly int _admin = FreePort();

    private MeasuredProxy(IPEndPoint relay, string[] settings)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "SmtpProxy.dll"), $"--SmtpProxy:Listeners:inbound:Address=127.0.0.1:{Port}",
            "--SmtpProxy:Listeners:inbound:Cluster=relays", "--SmtpProxy:Listeners:inbound:Tls:Mode=None", "--relay", $"smtp://{relay}",
            $"--Kestrel:Endpoints:Admin:Url=http://127.0.0.1:{_admin}", .. settings,
        ];
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments)
            { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, said) => Console.Error.WriteLine(said.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where clients connect, on 127.0.0.1.</summary>
    public int Port { get; } = FreePort();

    /// <summary>CPU that it has used.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Connections that wait to be accepted.</summary>
    public int Backlog => (from line in File.ReadLines("/proc/net/tcp")
                           let parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                           where parts[3] == "0A" && parts[1].EndsWith($":{Port:X4}", StringComparison.Ordinal)
                           select int.Parse(parts[4].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).Sum();

    /// <summary>Connections that the machine did not take because somebody's backlog was full.</summary>
    public static long Overflows
    {
        get
        {
            var lines = File.ReadLines("/proc/net/netstat").Where(static l => l.StartsWith("TcpExt:", StringComparison.Ordinal)).ToArray();
            return long.Parse(lines[1].Split(' ')[Array.IndexOf(lines[0].Split(' '), "ListenOverflows")], CultureInfo.InvariantCulture);
        }
    }

    public static async Task<MeasuredProxy> StartAsync(IPEndPoint relay, params string[] settings)
    {
        var proxy = new MeasuredProxy(relay, settings);
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var client = new MailClient(proxy.Port);
                return proxy;
            }
            catch (Exception e) when (e is SocketException or IOException && !proxy._process.HasExited
                && patience.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>How often a thread of it found a lock taken.</summary>
    public async Task<long> ContentionsAsync()
    {
        var text = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_admin}/metrics"));
        return (from line in text.Split('\n')
                where line.StartsWith("dotnet_monitor_lock_contentions_total", StringComparison.Ordinal)
                select (long)double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0],
                    CultureInfo.InvariantCulture)).Sum();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
