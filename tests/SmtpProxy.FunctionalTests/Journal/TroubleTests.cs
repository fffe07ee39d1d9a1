using System.Globalization;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Journal;

/// <summary>A journal that cannot be written: the mail goes on, what is lost is counted, and no line is torn for its readers.</summary>
public sealed class TroubleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("journal-").FullName;

    private string Journal => Path.Combine(_folder, "journal.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A limit on the size of files stands for the full disk: a write is cut short, the next one fails, with a signal besides.
    /// Another proxy appends to the same file meanwhile.</summary>
    [SkippableFact]
    public async Task Disk_BecomesFullInTheMiddleOfALine_NothingIsLostOnceThereIsRoom()
    {
        var prlimit = PeerTool.Require("prlimit");
        // The runtime keeps its code in a file of its own, which would meet the limit first.
        await using var full = await ProxyProcess.StartByAsync(
            ["env", "DOTNET_EnableWriteXorExecute=0", prlimit, "--fsize=10000:unlimited"], "--journal", Journal);
        await using var other = await ProxyProcess.StartAsync("--journal", Journal);
        await Visits.MakeAsync(full.Listener(), 100);
        await full.Errors.AwaitAsync(line =>
            line.Contains($"The journal {Journal} cannot be written: File too large.", StringComparison.Ordinal));
        Assert.Equal(10_000, new FileInfo(Journal).Length);

        await Visits.MakeAsync(other.Listener(), 10);
        await Eventually(() => new FileInfo(Journal).Length > 10_000);
        await Command.SucceedAsync(prlimit, ["--fsize=unlimited", "--pid", full.Id.ToString(CultureInfo.InvariantCulture)]);
        await full.Errors.AwaitAsync(line => line.Contains($"The journal {Journal} is written again", StringComparison.Ordinal));
        await Visits.MakeAsync(full.Listener(), 10);
        await EndAsync(full);
        await EndAsync(other);

        var found = JournalLines.Read(Journal);
        Assert.Equal((120, 120), (found.Sessions.Count, found.Sessions.Distinct().Count()));
        Assert.InRange(found.Torn, 0, 1);
        Assert.Single(full.Errors.SoFar, static line => line.Contains("cannot be written", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Disk_StaysFull_SessionsAreServedCountedAsLostAndSaidOnce()
    {
        var prlimit = PeerTool.Require("prlimit");
        await using var proxy = await ProxyProcess.StartByAsync(
            ["env", "DOTNET_EnableWriteXorExecute=0", prlimit, "--fsize=0:unlimited"], "--journal", Journal,
            "--SmtpProxy:Journal:QueueLength=5");
        await Visits.MakeAsync(proxy.Listener(), 50);
        await LostAsync(proxy, "journal", 1);
        await EndAsync(proxy);
        Assert.Empty(await File.ReadAllTextAsync(Journal));
        Assert.Single(proxy.Errors.SoFar, static line => line.Contains("File too large", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Output_ReaderIsGone_SessionsAreServedAndCountedAsLost()
    {
        // Who reads the output leaves after the three lines of the start.
        await using var proxy = await ProxyProcess.StartByAsync(["bash", "-c", "exec \"$@\" > >(head -n 3)", "bash"]);
        await Visits.MakeAsync(proxy.Listener(), 50);
        await LostAsync(proxy, "journal", 50);
        await Visits.MakeAsync(proxy.Listener(), 1);
        await EndAsync(proxy);
        Assert.Single(proxy.Errors.SoFar,
            static line => line.Contains("The journal - cannot be written: Broken pipe", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Output_ReaderReadsNothing_SessionsAreServedAndTheStopIsNotHeld()
    {
        await using var proxy = await ProxyProcess.StartByAsync(
            ["bash", "-c", "exec \"$@\" > >(head -n 3; exec tail --pid=$$ -f /dev/null > /dev/null 2>&1)", "bash"],
            "--SmtpProxy:Journal:QueueLength=10");
        // More than a pipe holds.
        await Visits.MakeAsync(proxy.Listener(), 500);
        await LostAsync(proxy, "journal", 1);
        await EndAsync(proxy);
    }

    [Fact]
    public async Task Fifo_ReaderComesLate_GetsEverySession()
    {
        await Command.SucceedAsync("mkfifo", [Journal]);
        await using var proxy = await ProxyProcess.StartAsync("--journal", Journal);
        await Visits.MakeAsync(proxy.Listener(), 30);
        await proxy.Errors.AwaitAsync(line =>
            line.Contains($"The journal {Journal} cannot be written: No such device or address", StringComparison.Ordinal));
        var reading = Task.Run(() => JournalLines.Read(Journal));
        await proxy.Errors.AwaitAsync(line => line.Contains($"The journal {Journal} is written again", StringComparison.Ordinal));
        await EndAsync(proxy);
        var found = await reading.WaitAsync(ProxyProcess.Patience);
        Assert.Equal((30, 0), (found.Sessions.Count, found.Torn));
    }

    [Fact]
    public async Task Flood_BeyondTheCap_IsCountedAsSuch()
    {
        await using var proxy = await ProxyProcess.StartAsync("--journal", Journal, "--SmtpProxy:Journal:MaxPerSecond=1");
        await Visits.MakeAsync(proxy.Listener(), 500);
        // The counters end with the process: every session has to be written or counted before.
        Metrics metrics;
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (JournalLines.Read(Journal).Sessions.Count + Lost(metrics = await Metrics.ReadAsync(proxy), "journal_rate")
            + Lost(metrics, "journal") < 500)
        {
            await Task.Delay(20, patience.Token);
        }

        await EndAsync(proxy);
        Assert.NotEqual(0, Lost(metrics, "journal_rate"));
        Assert.Equal(500, JournalLines.Read(Journal).Sessions.Count + Lost(metrics, "journal_rate") + Lost(metrics, "journal"));
    }

    private static double Lost(Metrics metrics, string limit) => metrics.Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", limit));

    private static async Task LostAsync(ProxyProcess proxy, string limit, int least)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (Lost(await Metrics.ReadAsync(proxy), limit) < least)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task EndAsync(ProxyProcess proxy)
    {
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
    }
}
