using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Endurance;

/// <summary>The product as a process: started, looked at from outside, and ended by signals.</summary>
internal sealed partial class ProxyUnderLoad : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, IPEndPoint> _listeners = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly int _expected;

    private ProxyUnderLoad(ProcessStartInfo start, int listeners)
    {
        _expected = listeners;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => LastError = line.Data ?? LastError;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>Where HTTP is served.</summary>
    public Uri Admin { get; private set; } = new("http://127.0.0.1");

    /// <summary>The last line of its log.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="program">The program: an executable file, or a .dll for <c>dotnet</c>.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="listeners">How many listeners it has.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="variables">Variables of its environment; null: none but ours.</param>
    /// <param name="before">A program that begins it, with its arguments; null: none.</param>
    public static async Task<ProxyUnderLoad> StartAsync(string program, string folder, int listeners, IEnumerable<string> arguments,
        Dictionary<string, string>? variables = null, IReadOnlyList<string>? before = null)
    {
        string[] line = [.. before ?? [], .. program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program] : (string[])[program],
            .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder, UseShellExecute = false,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = "Test";
        foreach (var (name, value) in variables ?? [])
        {
            start.Environment[name] = value;
        }

        var proxy = new ProxyUnderLoad(start, listeners);
        var ended = proxy._process.WaitForExitAsync();
        if (await Task.WhenAny(proxy._ready.Task, ended).ConfigureAwait(false) == ended)
        {
            throw new InvalidOperationException($"The proxy did not start: {proxy.LastError}");
        }

        return proxy;
    }

    /// <summary>A certificate for listeners, valid for a day, and its key.</summary>
    public static void MakeCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.org", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(Path.Combine(folder, "key.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Where a listener listens.</summary>
    public IPEndPoint Listener(string name) => _listeners[name];

    /// <summary>Sends a signal.</summary>
    public void Signal(int number) => _ = Kill(Id, number);

    /// <summary>Waits for its end.</summary>
    public Task EndAsync() => _process.WaitForExitAsync();

    /// <summary>The metrics, as name{labels} and value.</summary>
    public async Task<Figures> ReadAsync() => new(await _http.GetStringAsync(new Uri(Admin, "/metrics")).ConfigureAwait(false));

    /// <summary>Asks for something of the API and forgets it.</summary>
    public async Task VisitAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(Admin, path), HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
    }

    /// <summary>What the system says of it now.</summary>
    public Footprint Footprint()
    {
        var status = File.ReadAllLines($"/proc/{Id}/status");
        return new Footprint(Number("VmRSS") * 1024L, Directory.GetFileSystemEntries($"/proc/{Id}/fd").Length, Number("Threads"));

        int Number(string name) => int.Parse(
            status.First(l => l.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _http.Dispose();
    }

    private void Heard(string? line)
    {
        if (line?.Split(' ') is ["admin", var url])
        {
            Admin = new Uri(url);
        }
        else if (line?.Split(' ') is ["listening", var name, var address, ..])
        {
            _listeners[name] = IPEndPoint.Parse(address);
        }

        if (_listeners.Count == _expected)
        {
            _ready.TrySetResult();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

/// <summary>What a process takes of the machine.</summary>
/// <param name="Octets">Resident memory.</param>
/// <param name="Files">Open files.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct Footprint(long Octets, int Files, int Threads)
{
    /// <summary>Resident memory, MiB.</summary>
    public long Megabytes => Octets >> 20;

    public override string ToString() => $"{Megabytes} MiB, {Files} files, {Threads} threads";
}

/// <summary>One reading of the metrics.</summary>
/// <param name="text">As scraped.</param>
internal sealed class Figures(string text)
{
    private readonly string[] _lines = [.. text.Split('\n').Where(static l => l.Length > 0 && l[0] != '#')];

    /// <summary>Series that there are.</summary>
    public int Series => _lines.Length;

    /// <summary>The sum of all series of a name that have these labels.</summary>
    public double Sum(string name, params string[] labels) => _lines
        .Where(l => (l.StartsWith(name + "{", StringComparison.Ordinal) || l.StartsWith(name + " ", StringComparison.Ordinal))
            && Array.TrueForAll(labels, label => l.Contains(label, StringComparison.Ordinal)))
        .Sum(static l => double.Parse(l.AsSpan(l.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));

    /// <summary>Series of a name that are not zero, shortened.</summary>
    public IEnumerable<string> Of(string name) =>
        _lines.Where(l => l.StartsWith(name, StringComparison.Ordinal) && !l.EndsWith(" 0", StringComparison.Ordinal));
}
