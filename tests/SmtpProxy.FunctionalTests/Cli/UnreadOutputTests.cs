using System.Globalization;
using System.Net;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>Nobody takes what the proxy writes: a terminal was stopped, or what collects logs hangs. Mail goes on, and a signal ends it.
/// </summary>
public sealed class UnreadOutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-").FullName;

    private string Pipe => Path.Combine(_folder, "pipe");

    private string Journal => Path.Combine(_folder, "journal.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The console has one lock for both outputs. Entries of the log wait in a queue of 2,500, and whoever had one more would wait
    /// as well.</summary>
    [Theory]
    [InlineData("Epoll", 1)]
    [InlineData("Portable", 1)]
    [InlineData("Epoll", 2)]
    [InlineData("Portable", 2)]
    public async Task Output_NobodyReadsIt_MailGoesOn_AndASignalEndsIt(string transport, int descriptor)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await Command.SucceedAsync("mkfifo", [Pipe]);
        var (listener, admin) = (new IPEndPoint(IPAddress.Loopback, FreePort.Next()), new IPEndPoint(IPAddress.Loopback, FreePort.Next()));
        await using var proxy = ProxyProcess.BeginBy(Onto(descriptor),
            "--SmtpProxy:Transport", transport, "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--messages",
            "--listen", listener.ToString(), "--admin", $"http://{admin}", "--journal", Journal, "--SmtpProxy:Sink:AcceptPublic=true");
        using var http = new HttpClient { BaseAddress = new Uri($"http://{admin}") };
        await Eventually.Async(async () => await IsReadyAsync(http), "It is not ready.");
        // Each request has ten entries and more.
        await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => http.GetStringAsync("/healthz"))).WaitAsync(ProxyProcess.Patience);
        for (var n = 0; n < 50; n++)
        {
            Assert.StartsWith("250 ", await MailAsync(listener), StringComparison.Ordinal);
        }

        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.Equal(50, (await File.ReadAllLinesAsync(Journal)).Length);
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var ready = await http.GetAsync("/readyz");
            return ready.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Begins a program whose output of this number goes into the pipe. It is open for both, so that opening does not wait for a
    /// reader, and holds 4 KB (F_SETPIPE_SZ).</summary>
    private string[] Onto(int descriptor) =>
    [
        PeerTool.Require("python3"), "-c",
        "import fcntl,os,sys; f=os.open(sys.argv[1],os.O_RDWR); fcntl.fcntl(f,1031,4096); os.dup2(f,int(sys.argv[2])); "
            + "os.execvp(sys.argv[3],sys.argv[3:])",
        Pipe, descriptor.ToString(CultureInfo.InvariantCulture),
    ];

    private static async Task<string?> MailAsync(IPEndPoint listener)
    {
        var (client, _) = await MailClient.ConnectAsync(listener);
        using (client)
        {
            await client.SayAsync("EHLO client.example");
            var reply = await client.MailAsync();
            await client.SayAsync("QUIT");
            return reply;
        }
    }
}
