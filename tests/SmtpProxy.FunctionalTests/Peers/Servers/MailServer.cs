using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>A real mail server with a configuration, spool, log and mailbox of its own in a temporary folder.</summary>
public abstract class MailServer : IAsyncLifetime
{
    private Process? _process;
    private readonly StringBuilder _output = new();
    private Task _printed = Task.CompletedTask;
    private string? _missing;

    /// <summary>Where everything of it is.</summary>
    protected string Folder { get; private set; } = "";

    /// <summary>Where it listens.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>Where it listens for connections that begin with a PROXY header.</summary>
    public int ProxyPort { get; } = FreePort.Next();

    /// <summary>Where it begins with TLS.</summary>
    public int SmtpsPort { get; } = FreePort.Next();

    /// <summary>Its certificate, for localhost and signed by itself: a PEM file.</summary>
    public string Ca => Path.Combine(Folder, "ca.crt");

    /// <summary>Its certificate, and the key in another file, as it must be able to read them.</summary>
    protected (string Certificate, string Key) Tls { get; private set; }

    /// <summary>Whether it can be a server of TLS.</summary>
    public virtual bool SpeaksTls => true;

    /// <summary>Its own log so far.</summary>
    public abstract string Log { get; }

    /// <summary>Waits until it has logged this; it does so in its own time.</summary>
    public Task LoggedAsync(string text) =>
        Eventually.Async(() => Log.Contains(text, StringComparison.Ordinal), $"{GetType().Name} has not logged: {text}");

    /// <summary>Messages delivered so far, each a file.</summary>
    public IReadOnlyList<string> Delivered => Directory.Exists(NewMail) ? Directory.GetFiles(NewMail) : [];

    /// <summary>The maildir's folder of new messages.</summary>
    protected string NewMail => Path.Combine(Folder, "mail", "new");

    /// <summary>Skips the test, or fails it, when the server is not there.</summary>
    public void Require()
    {
        PeerTool.RequireRoot();
        Locate();
        Assert.True(_missing is null, _missing);
    }

    public async Task InitializeAsync()
    {
        if (!PeerTool.IsRootOnLinux || !IsThere())
        {
            return;
        }

        Folder = Directory.CreateTempSubdirectory("smtpproxy-peer-").FullName;
        // Daemons of other users have to get in.
        await Command.SucceedAsync("chmod", ["755", Folder]);
        Directory.CreateDirectory(Path.Combine(Folder, "mail"));
        await Command.SucceedAsync("chown", ["-R", "nobody", Path.Combine(Folder, "mail")]);
        Tls = (Ca, Path.Combine(Folder, "tls.key"));
        await Command.SucceedAsync("openssl",
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost",
             "-keyout", Tls.Key, "-out", Tls.Certificate]);
        await Command.SucceedAsync("chmod", ["600", Tls.Key]);
        var start = await PrepareAsync();
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _printed = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        await AwaitGreetingAsync();
    }

    public async Task DisposeAsync()
    {
        if (_process is { } process)
        {
            await StopAsync(process);
            using var patience = new CancellationTokenSource(ProxyProcess.Patience);
            await process.WaitForExitAsync(patience.Token);
            await _printed.WaitAsync(patience.Token);
            process.Dispose();
            await RemoveFolderAsync();
        }
    }

    /// <summary>Waits for a text in its log, as long as it may still come.</summary>
    public Task<bool> LogsAsync(string text) => LogsAsync(log => log.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until its log is as wanted, as long as that may still come.</summary>
    public async Task<bool> LogsAsync(Func<string, bool> wanted)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        try
        {
            while (!wanted(Log))
            {
                await pause.WaitForNextTickAsync(patience.Token);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Waits until this many messages are delivered, and answers them.</summary>
    public async Task<IReadOnlyList<string>> DeliveredAsync(int count)
    {
        using var watcher = new FileSystemWatcher(Path.Combine(Folder, "mail"))
            { IncludeSubdirectories = true, EnableRaisingEvents = true };
        var deadline = Environment.TickCount64 + (long)ProxyProcess.Patience.TotalMilliseconds;
        while (Delivered.Count < count)
        {
            Assert.True(Environment.TickCount64 < deadline, $"{Delivered.Count} of {count} messages were delivered. The log:\n{Log}");
            // An event may have come before the watcher did: look again at least every second.
            watcher.WaitForChanged(WatcherChangeTypes.All, 1000);
        }

        return Delivered;
    }

    /// <summary>Whether the program is installed.</summary>
    protected abstract bool IsThere();

    /// <summary>Finds the program; skips or fails.</summary>
    protected abstract void Locate();

    /// <summary>Writes the configuration.</summary>
    /// <returns>How to start it in the foreground.</returns>
    protected abstract Task<ProcessStartInfo> PrepareAsync();

    /// <summary>What it has printed so far.</summary>
    protected string Printed
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Stops it and all its children.</summary>
    protected virtual Task StopAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        return Task.CompletedTask;
    }

    /// <summary>Daemons that outlive their master for a moment may still write: then it is tried again.</summary>
    private async Task RemoveFolderAsync()
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(Folder, recursive: true);
                return;
            }
            catch (IOException) when (tries < 100)
            {
                await pause.WaitForNextTickAsync();
            }
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }

    private async Task AwaitGreetingAsync()
    {
        var deadline = Environment.TickCount64 + (long)ProxyProcess.Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                using var reader = new StreamReader(client.GetStream());
                var greeting = await reader.ReadLineAsync();
                Assert.StartsWith("220", greeting, StringComparison.Ordinal);
                await client.GetStream().WriteAsync("QUIT\r\n"u8.ToArray());
                await reader.ReadToEndAsync();
                return;
            }
            catch (SocketException) when (Environment.TickCount64 < deadline && !_process!.HasExited)
            {
                // Not listening yet, and nothing tells when it will: ask again.
                using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
                await pause.WaitForNextTickAsync();
            }
            catch (SocketException e)
            {
                _missing = $"{GetType().Name} does not listen: {e.Message}\n{Printed}\n{Log}";
                return;
            }
        }
    }
}
