using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Journal;

namespace SmtpProxy.Tests.Telemetry.Journal;

public sealed class JournalWriterTests : IDisposable
{
    private readonly Conversation _talk = new(queue: 1000);
    private readonly string _directory = Directory.CreateTempSubdirectory("journal").FullName;
    private int _lost;

    private string Path => System.IO.Path.Combine(_directory, "j.jsonl");

    public void Dispose()
    {
        _talk.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Stop_SessionsThatWait_AreWritten()
    {
        using var writer = Writer();
        await writer.StartAsync(default);
        Sessions(300);
        await writer.StopAsync(default);
        var lines = await File.ReadAllLinesAsync(Path);
        Assert.Equal(300, lines.Length);
        Assert.All(lines, l => Assert.Equal("inbound", JsonDocument.Parse(l).RootElement.GetProperty("listener").GetString()));
        Assert.Equal((byte)'\n', (await File.ReadAllBytesAsync(Path))[^1]);
    }

    /// <summary>Nobody reads what several batches are written to: the stop waits for that reader once.</summary>
    [Fact]
    public async Task Stop_ReaderOfAPipeReadsNothing_IsHeldOnceForAllThatWait()
    {
        using var made = Process.Start("mkfifo", [Path]);
        await made.WaitForExitAsync();
        await using var reader = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var talk = new Conversation(queue: 5000);
        using var writer = Writer(talk);
        await writer.StartAsync(default);
        Sessions(talk, 5000);
        // Each batch by itself would be waited for for a second, and there are dozens.
        await writer.StopAsync(default).WaitAsync(TimeSpan.FromSeconds(40));
        Assert.InRange(_lost, 4000, 5000);
    }

    [Fact]
    public async Task Start_FileExists_IsAppendedTo()
    {
        await File.WriteAllTextAsync(Path, "{}\n");
        using var writer = Writer();
        await writer.StartAsync(default);
        Sessions(1);
        await writer.StopAsync(default);
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path)).Length);
    }

    [Fact]
    public async Task Start_CannotBeWritten_NamesTheKey()
    {
        using var writer = Writer(System.IO.Path.Combine(_directory, "missing", "j.jsonl"));
        var e = await Assert.ThrowsAsync<IOException>(() => writer.StartAsync(default));
        Assert.StartsWith("SmtpProxy:Journal:Path: cannot write '", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_Fails_SessionsAreCountedAsLostAndItGoesOn()
    {
        using var writer = Writer();
        await writer.StartAsync(default);
        // The directory is gone: the file can neither be found nor made again.
        Directory.Delete(_directory, recursive: true);
        Sessions(1);
        await writer.StopAsync(default);
        Directory.CreateDirectory(_directory);
        Assert.Equal(1, _lost);
    }

    [Fact]
    public async Task Write_FailsForATime_SessionsWaitAndNoneIsLost()
    {
        using var writer = Writer();
        await writer.StartAsync(default);
        Directory.Delete(_directory, recursive: true);
        Sessions(10);
        // Some were taken from the queue: the writer is at it, and fails. What came after those waits with it.
        while (_talk.Queue!.Reader.Count >= 10)
        {
            await Task.Yield();
        }

        Sessions(10);
        Directory.CreateDirectory(_directory);
        await writer.StopAsync(default);
        Assert.Equal(0, _lost);
        Assert.Equal(20, (await File.ReadAllLinesAsync(Path)).Length);
    }

    [Fact]
    public async Task Write_OneSessionCannotBeMadeALine_OthersAreWrittenBeforeAndAfter()
    {
        using var writer = Writer();
        Sessions(3);
        var broken = _talk.Queue!.Spare.Rent();
        broken.Relay = new Unwritable();
        _talk.Queue.Post(broken);
        Sessions(3);
        await writer.StartAsync(default);
        await writer.StopAsync(default);
        Assert.Equal(1, _lost);
        Assert.Equal(6, (await File.ReadAllLinesAsync(Path))
            .Count(static line => JsonDocument.Parse(line).RootElement.GetProperty("listener").GetString() == "inbound"));
    }

    [Fact]
    public void Post_MoreInASecondThanTheCap_DropsAndCountsTheRest()
    {
        var dropped = 0;
        var queue = new JournalQueue(1_000, 100, static () => Assert.Fail("there is room")) { Cap = (10, () => dropped++) };
        for (var n = 0; n < 200; n++)
        {
            queue.Post(queue.Spare.Rent());
        }

        // Two or three seconds may have begun meanwhile, on a busy machine.
        Assert.InRange(queue.Reader.Count, 10, 190);
        Assert.Equal(200, queue.Reader.Count + dropped);
    }

    private JournalWriter Writer(Conversation talk) => Writer(null, talk);

    private JournalWriter Writer(string? path = null, Conversation? talk = null) =>
        new((talk ?? _talk).Queue!, path ?? Path, lost => _lost += lost,
            new JournalLog(NullLogger<JournalWriter>.Instance, TimeProvider.System));

    private void Sessions(int count) => Sessions(_talk, count);

    private static void Sessions(Conversation talk, int count)
    {
        for (var i = 0; i < count; i++)
        {
            talk.Begin();
            talk.Accept().Over(SessionOutcome.ClientGone);
        }
    }

    /// <summary>What a line cannot be made of: memory that is out could not be planned.</summary>
    private sealed class Unwritable : EndPoint
    {
        public override string ToString() => throw new InvalidOperationException("no line can be made of it");
    }
}
