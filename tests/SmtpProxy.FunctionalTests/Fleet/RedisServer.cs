using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>A real Redis of the test's own, on a port of its own, that keeps nothing on disk. It can be killed, started again on the same
/// port, stalled and let go on.</summary>
internal sealed partial class RedisServer : IAsyncDisposable
{
    private readonly string _program;
    private readonly string[] _more;

    /// <summary>What a replica gets from its primary lies in a file, which another server would begin with.</summary>
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-redis-").FullName;
    private Process _process = null!;
    private bool _isRunning;
    private bool _isSecured;

    private RedisServer(string program, string[] more) => (_program, _more) = (program, more);

    public int Port { get; } = FreePort.Next();

    /// <summary>What its default user has to say; null: nothing.</summary>
    public string? Password { get; set; }

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>What makes a proxy a member of the fleet whose Redis this is; the key is any file that the others have too.</summary>
    public string[] Fleet() => [$"--SmtpProxy:Fleet:Redis={Address}",
        $"--SmtpProxy:Fleet:KeyFile={Path.Combine(SourceFolder.Root, "LICENSE")}",
        // As long as may be: a Redis that a busy machine lets wait is none, and without one no fault strikes.
        "--SmtpProxy:Fleet:Timeout=00:00:01"];

    public static async Task<RedisServer> StartAsync(params string[] more)
    {
        var redis = new RedisServer(PeerTool.Require("redis-server"), more);
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Starts one that speaks TLS only, and knows one user.</summary>
    /// <param name="files">Its certificate.</param>
    /// <param name="user">The user, as <c>ACL SETUSER</c> has it.</param>
    public static async Task<RedisServer> StartSecuredAsync(PemFiles files, params string[] user)
    {
        var redis = new RedisServer(PeerTool.Require("redis-server"), ["--user", .. user, "--user", "default", "off", "--tls-cert-file",
            files.Certificate, "--tls-key-file", files.Key, "--tls-auth-clients", "no"]) { _isSecured = true };
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Starts it, empty.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo(_program) { RedirectStandardOutput = true };
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] ports = _isSecured ? ["--port", "0", "--tls-port", port] : ["--port", port];
        foreach (var argument in (string[])[.. ports, "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "no", "--daemonize", "no", "--dir", _folder, .. _more])
        {
            start.ArgumentList.Add(argument);
        }

        File.Delete(Path.Combine(_folder, "dump.rdb"));
        _process = Process.Start(start)!;
        var (output, ready) = (_process.StandardOutput, false);
        var said = new StringBuilder();
        while (!ready && await output.ReadLineAsync() is { } line)
        {
            said.AppendLine(line);
            ready = line.Contains("Ready to accept connections", StringComparison.Ordinal);
        }

        _isRunning = true;
        Assert.True(ready, said.ToString());
        _ = output.ReadToEndAsync();
    }

    /// <summary>Takes it away without a word (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _isRunning = false;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>It answers nobody, and its connections stay (SIGSTOP).</summary>
    public void Stall() => _ = Signal(_process.Id, 19);

    /// <summary>It goes on (SIGCONT).</summary>
    public void GoOn() => _ = Signal(_process.Id, 18);

    /// <summary>One command, in the simple form; returns the first line of the answer, or all octets of a bulk.</summary>
    public async Task<string> AskAsync(params string[] command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        var stream = client.GetStream();
        var text = new StringBuilder(Password is null ? ""
            : string.Create(CultureInfo.InvariantCulture, $"*2\r\n$4\r\nAUTH\r\n${Password.Length}\r\n{Password}\r\n"));
        text.Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var word in command)
        {
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.Latin1.GetByteCount(word)}\r\n{word}\r\n");
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes(text + "*1\r\n$4\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return (await reader.ReadToEndAsync().WaitAsync(ProxyProcess.Patience)).Replace("+OK\r\n", "", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isRunning)
        {
            GoOn();
            await KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
