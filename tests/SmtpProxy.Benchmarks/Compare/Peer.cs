using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Benchmarks.Scale;

namespace SmtpProxy.Benchmarks.Compare;

/// <summary>A program that stands between clients and the relay, in processes of its own.</summary>
internal sealed class Peer : IDisposable
{
    private const int TicksPerSecond = 100;

    private static readonly string[] Modules = ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules"];

    private readonly Process _process;

    private Peer(string name, int port, string program, params string[] arguments)
    {
        (Name, Port) = (name, port);
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>Where clients connect, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>This product. It is what was built with this program; set <c>SMTPPROXY_PROGRAM</c> to measure what was published.</summary>
    public static Peer Ours(string transport, IPEndPoint relay)
    {
        var port = MeasuredProxy.FreePort();
        string[] arguments = ["--listen", $"127.0.0.1:{port}", "--relay", $"smtp://{relay}", "--admin", "http://127.0.0.1:0",
            $"--SmtpProxy:Transport={transport}"];
        return Environment.GetEnvironmentVariable("SMTPPROXY_PROGRAM") is { Length: > 0 } program
            ? new(transport, port, program, arguments)
            : new(transport, port, "dotnet", [Path.Combine(AppContext.BaseDirectory, "SmtpProxy.dll"), .. arguments]);
    }

    /// <summary>HAProxy, which looks at nothing; null where it is not installed.</summary>
    public static Peer? HaProxy(IPEndPoint relay, string folder)
    {
        if (Find("haproxy") is not { } program)
        {
            return null;
        }

        var (port, file) = (MeasuredProxy.FreePort(), Path.Combine(folder, "haproxy.cfg"));
        File.WriteAllText(file, $"""
            global
              nbthread 2
              maxconn 4000
            defaults
              mode tcp
              timeout connect 10s
              timeout client 5m
              timeout server 5m
            listen smtp
              bind 127.0.0.1:{port}
              server relay {relay}

            """);
        return new("HAProxy", port, program, "-db", "-q", "-f", file);
    }

    /// <summary>nginx with its stream module; null where one of them is not installed.</summary>
    public static Peer? Nginx(IPEndPoint relay, string folder)
    {
        var module = Modules.Select(static f => Path.Combine(f, "ngx_stream_module.so")).FirstOrDefault(File.Exists);
        if (Find("nginx") is not { } program || module is null)
        {
            return null;
        }

        var (port, file) = (MeasuredProxy.FreePort(), Path.Combine(folder, "nginx.conf"));
        File.WriteAllText(file, $$"""
            load_module {{module}};
            daemon off; worker_processes 2; pid {{folder}}/nginx.pid; error_log {{folder}}/nginx.log;
            events { worker_connections 8000; }
            stream { server { listen 127.0.0.1:{{port}} reuseport; proxy_pass {{relay}}; } }

            """);
        return new("nginx stream", port, program, "-e", Path.Combine(folder, "nginx.log"), "-c", file);
    }

    /// <summary>Waits until a client is greeted through it.</summary>
    public async Task StartedAsync()
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                new MailClient(Port).Dispose();
                return;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                if (_process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(30))
                {
                    throw new InvalidOperationException($"{Name} does not greet at port {Port}.", e);
                }

                await Task.Delay(50);
            }
        }
    }

    /// <summary>CPU that it has used, its children included, and how much of that in user mode; seconds, in steps of 10 ms.</summary>
    public (double All, double User) Cpu()
    {
        var (all, user) = (0L, 0L);
        foreach (var folder in Directory.GetDirectories("/proc").Where(static f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                // proc(5): what follows the name; 1 is the parent, 11 and 12 are the ticks in user mode and in the kernel.
                var fields = File.ReadAllText($"{folder}/stat").Split(") ")[^1].Split(' ');
                if (Path.GetFileName(folder) == Id || fields[1] == Id)
                {
                    user += long.Parse(fields[11], CultureInfo.InvariantCulture);
                    all += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended since.
            }
        }

        return ((double)all / TicksPerSecond, (double)user / TicksPerSecond);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    private static string? Find(string program) =>
        new[] { "/usr/sbin", "/usr/local/sbin" }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
}
