using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support.Programs;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>
/// The proxy as its users have it: a process with arguments, output and signals. Unless told otherwise it listens on free ports, keeps its
/// journal on standard output, and relays to its own sink; nothing of the machine's environment gets in. Most of them run in a process that
/// has run others before (<see cref="WarmProcess"/>); what has a launcher or variables of its own has a process of its own.
/// </summary>
public sealed partial class ProxyProcess : IAsyncDisposable
{
    /// <summary>What no wait of a test ever takes: a test that waits this long has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, string> NoVariables = [];
    private static int _started;
    private readonly IProgramRun _run;
    private readonly string _folder;

    private ProxyProcess(IProgramRun run, string folder) => (_run, _folder) = (run, folder);

    /// <summary>Lines of standard output: ready lines and the journal.</summary>
    public OutputLines Output => _run.Output;

    /// <summary>Lines of standard error: the log, and what was refused.</summary>
    public OutputLines Errors => _run.Errors;

    /// <summary>Its working directory, of its own; removed with it. Where an <c>appsettings.json</c> has a say.</summary>
    public string Folder => _folder;

    /// <summary>The process id.</summary>
    public int Id => _run.Id;

    /// <summary>Starts a proxy and waits until all its listeners are open.</summary>
    /// <param name="args">Arguments; <c>--listen</c>, <c>--admin</c>, <c>--journal</c> and the sink's address are
    /// supplied where they are missing.</param>
    public static Task<ProxyProcess> StartAsync(params string[] args) => StartAsync(static _ => { }, args);

    /// <summary>Starts a proxy and waits until all its listeners are open.</summary>
    /// <param name="prepare">Called with the working directory before the start, for an <c>appsettings.json</c> there.</param>
    /// <param name="args">As above.</param>
    public static Task<ProxyProcess> StartAsync(Action<string> prepare, params string[] args) =>
        StartAsync(prepare, NoVariables, null, hasSink: true, args);

    /// <summary>Starts a proxy and waits until all its listeners are open: in a process of its own, unless what it is told is no more than
    /// the name of the environment.</summary>
    /// <param name="prepare">As above.</param>
    /// <param name="environment">Environment variables that it gets.</param>
    /// <param name="args">As above.</param>
    public static Task<ProxyProcess> StartAsync(Action<string> prepare, IReadOnlyDictionary<string, string> environment,
        params string[] args) =>
        StartAsync(prepare, environment, environment.Keys.All(static name => name == "DOTNET_ENVIRONMENT") ? null : [], hasSink: true,
            args);

    /// <summary>Starts a proxy in a process that nobody had before and nobody has after, where memory, limits
    /// and the end are looked at.</summary>
    /// <param name="args">As above.</param>
    public static Task<ProxyProcess> StartAloneAsync(params string[] args) =>
        StartAsync(static _ => { }, NoVariables, [], hasSink: true, args);

    /// <summary>Starts a proxy that is told nothing of a sink: where mail goes is what file, environment and arguments say.</summary>
    /// <param name="prepare">As above.</param>
    /// <param name="environment">As above.</param>
    /// <param name="args">As above.</param>
    public static Task<ProxyProcess> StartPlainAsync(Action<string> prepare, IReadOnlyDictionary<string, string> environment,
        params string[] args) =>
        StartAsync(prepare, environment, environment.Count > 0 ? [] : null, hasSink: false, args);

    /// <summary>Starts a proxy by way of another program that becomes it (<c>exec</c>), and waits until all
    /// its listeners are open.</summary>
    /// <param name="launcher">The program and its own arguments; it is given the proxy's command line behind them.</param>
    /// <param name="args">As above.</param>
    public static Task<ProxyProcess> StartByAsync(IReadOnlyList<string> launcher, params string[] args) =>
        StartAsync(static _ => { }, NoVariables, launcher, hasSink: true, args);

    private static async Task<ProxyProcess> StartAsync(
        Action<string> prepare, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string>? launcher, bool hasSink,
        params string[] args)
    {
        var sink = FreeSinkAddress();
        List<string> all = [.. args];
        // Listeners that the test spells out may be changed by files; those of --listen may not.
        var spelt = all.Count(static a => a.StartsWith("--SmtpProxy:Listeners:", StringComparison.Ordinal)
            && a.Contains(":Address=", StringComparison.Ordinal));
        if (spelt == 0)
        {
            Supply(all, "--listen", "127.0.0.1:0");
        }

        Supply(all, "--admin", "http://127.0.0.1:0");
        Supply(all, "--journal", "-");
        if (hasSink && !all.Contains("--relay"))
        {
            Supply(all, "--SmtpProxy:Sink:AcceptPublic", "true");
            Supply(all, "--SmtpProxy:Sink:Address", sink);
            Supply(all, "--ReverseProxy:Clusters:relays:Destinations:sink:Address", $"smtp://{sink}");
        }

        if (hasSink)
        {
            // Relays of tests count who comes. Where the files of a test say which clusters there are, nothing is added to them.
            Supply(all, "--ReverseProxy:Clusters:relays:Metadata:Smtp.AskAtStart", "false");
        }

        var proxy = Launch(prepare, environment, launcher, all);
        try
        {
            await proxy.Output.AwaitAsync(static line => line.StartsWith("listening ", StringComparison.Ordinal),
                spelt + all.Count(static a => a == "--listen"));
            return proxy;
        }
        catch (Exception e)
        {
            await proxy.DisposeAsync();
            throw new InvalidOperationException($"The proxy is not ready.\n{proxy.Output.Text}\n{proxy.Errors.Text}", e);
        }
    }

    /// <summary>Runs a command to its end, with exactly these arguments.</summary>
    /// <param name="environment">Environment variables that it gets.</param>
    /// <param name="args">Arguments.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string> environment,
        params string[] args)
    {
        await using var proxy = Launch(static _ => { }, environment, null, args);
        var code = await proxy.ExitAsync();
        return (code, proxy.Output.Text, proxy.Errors.Text);
    }

    /// <summary>Runs a command to its end, with exactly these arguments.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args) => RunAsync(NoVariables, args);

    /// <summary>Runs a command to its end by way of another program that becomes it (<c>exec</c>), with exactly these arguments.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunByAsync(IReadOnlyList<string> launcher, params string[] args)
    {
        await using var proxy = Launch(static _ => { }, NoVariables, launcher, args);
        var code = await proxy.ExitAsync();
        return (code, proxy.Output.Text, proxy.Errors.Text);
    }

    /// <summary>Starts a command with exactly these arguments, and does not wait for anything.</summary>
    public static ProxyProcess Begin(params string[] args) => Begin(NoVariables, args);

    /// <summary>As above, with environment variables.</summary>
    public static ProxyProcess Begin(IReadOnlyDictionary<string, string> environment, params string[] args) =>
        Launch(static _ => { }, environment, [], args);

    /// <summary>As above, by way of another program that becomes it (<c>exec</c>).</summary>
    public static ProxyProcess BeginBy(IReadOnlyList<string> launcher, params string[] args) =>
        Launch(static _ => { }, NoVariables, launcher, args);

    /// <summary>Where a listener listens.</summary>
    public IPEndPoint Listener(string name = "inbound") => IPEndPoint.Parse(Word($"listening {name} ", 2));

    /// <summary>Where the sink speaks SMTP.</summary>
    public IPEndPoint Sink => IPEndPoint.Parse(Word("sink smtp ", 2));

    /// <summary>Where HTTP is served.</summary>
    public Uri Admin => new(Word("admin ", 1));

    /// <summary>The journal's first sessions, as many as asked for; waits until they have ended.</summary>
    public async Task<JsonElement[]> JournalAsync(int sessions) =>
        [.. (await Output.AwaitAsync(static line => line.StartsWith('{'), sessions)).Select(static line => JsonElement.Parse(line))];

    /// <summary>Asks the process to end.</summary>
    public void Terminate() => Signal(15);

    /// <summary>Sends a signal by its number.</summary>
    public void Signal(int number)
    {
        if (!_run.Exit.IsCompleted)
        {
            _ = Kill(Id, number);
        }
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public Task<int> ExitAsync() => _run.Exit.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <param name="prepare">As above.</param>
    /// <param name="environment">As above.</param>
    /// <param name="launcher">A program that becomes it, or none: in a process of its own. Null: in one that others have had, too.</param>
    /// <param name="args">As above.</param>
    private static ProxyProcess Launch(
        Action<string> prepare, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string>? launcher, IEnumerable<string> args)
    {
        var folder = Directory.CreateTempSubdirectory("smtpproxy-").FullName;
        prepare(folder);
        if (launcher is null && ProgramStart.Published is null)
        {
            return new ProxyProcess(WarmProcess.Begin(folder, environment, args), folder);
        }

        var start = ProgramStart.Command(launcher ?? [], folder);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        foreach (var argument in args)
        {
            start.ArgumentList.Add(argument);
        }

        return new ProxyProcess(new OwnProcess(start), folder);
    }

    private static void Supply(List<string> args, string option, string value)
    {
        if (!args.Exists(a => a == option || a.StartsWith(option + "=", StringComparison.OrdinalIgnoreCase)))
        {
            args.Add(option);
            args.Add(value);
        }
    }

    /// <summary>An address that nobody else has: the relay's address must be known before the sink has bound it, so port 0 is no help.
    /// Every address of 127/8 is this machine on Linux, and nothing but tests uses any but the first.</summary>
    internal static string FreeSinkAddress()
    {
        var id = Environment.ProcessId;
        var port = 20_000 + (Interlocked.Increment(ref _started) % 10_000);
        return string.Create(CultureInfo.InvariantCulture, $"127.{128 + ((id >> 16) & 127)}.{(id >> 8) & 255}.{id & 255}:{port}");
    }

    private string Word(string prefix, int index) =>
        Output.SoFar.First(line => line.StartsWith(prefix, StringComparison.Ordinal)).Split(' ')[index];

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
