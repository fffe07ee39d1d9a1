using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Journal;

namespace SmtpProxy.Tests.Telemetry;

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task File_WasRotated_IsOpenedAnew(bool copyAndTruncate)
    {
        using var file = new JournalFile(Path);
        await file.WriteAsync("1\n"u8.ToArray());
        await file.WriteAsync("2\n"u8.ToArray());
        if (copyAndTruncate)
        {
            File.Copy(Path, Path + ".1");
            await File.WriteAllTextAsync(Path, "");
        }
        else
        {
            File.Move(Path, Path + ".1");
        }

        await file.WriteAsync("3\n"u8.ToArray());
        await file.WriteAsync("4\n"u8.ToArray());
        Assert.Equal("1\n2\n", await File.ReadAllTextAsync(Path + ".1"));
        Assert.Equal("3\n4\n", await File.ReadAllTextAsync(Path));
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

    private JournalWriter Writer(string? path = null) =>
        new(_talk.Queue!, path ?? Path, lost => _lost += lost, NullLogger<JournalWriter>.Instance);

    private void Sessions(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _talk.Begin();
            _talk.Accept().Over(SessionOutcome.ClientGone);
        }
    }
}
