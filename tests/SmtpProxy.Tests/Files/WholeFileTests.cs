using System.Diagnostics;
using SmtpProxy.Files;

namespace SmtpProxy.Tests.Files;

public sealed class WholeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-").FullName;

    private string Name => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(WholeFile.Most)]
    public void Read_AFile_IsAllOfIt(int length)
    {
        var octets = new byte[length];
        new Random(length).NextBytes(octets);
        File.WriteAllBytes(Name, octets);
        Assert.Equal(octets, WholeFile.Read(Name));
    }

    [Fact]
    public void Read_LargerThanAnyFileThatIsMeant_IsRefused()
    {
        File.WriteAllBytes(Name, new byte[WholeFile.Most + 1]);
        Assert.Equal("it is larger than 8 MiB; name another file", Assert.Throws<IOException>(() => WholeFile.Read(Name)).Message);
    }

    [Fact]
    public async Task Read_APipe_WaitsForAllOfIt()
    {
        if (!TryMakePipe())
        {
            return;
        }

        var writing = Task.Run(() => File.WriteAllText(Name, "all of it"));
        Assert.Equal("all of it", WholeFile.Text(Name));
        await writing;
    }

    [Fact]
    public void Read_APipeThatNobodyWritesTo_EndsWithAnError()
    {
        if (!TryMakePipe())
        {
            return;
        }

        Assert.Equal("nothing more came from it within 5 seconds, and it did not end; name a file",
            Assert.Throws<IOException>(() => WholeFile.Read(Name)).Message);
        // Authorities of a relay are asked for at each handshake.
        Assert.Equal("an earlier read of it has not ended; name a file", Assert.Throws<IOException>(() => WholeFile.Read(Name)).Message);
        File.Delete(Name);
        File.WriteAllText(Name, "a file now");
        Assert.Equal("a file now", WholeFile.Text(Name));
    }

    /// <summary>A loop of sessions waits for nobody, and what it did not get is not held against the file.</summary>
    [Fact]
    public async Task Read_WithoutPatience_WaitsForNoPipe()
    {
        if (!OperatingSystem.IsLinux() || !TryMakePipe())
        {
            return;
        }

        Assert.IsType<TimeoutException>(Assert.Throws<IOException>(() => WholeFile.Read(Name, TimeSpan.Zero)).InnerException);
        var writing = Task.Run(() => File.WriteAllText(Name, "all of it"));
        Assert.Equal("all of it", WholeFile.Text(Name));
        await writing;
    }

    /// <summary>What a path leads to is another thing at the opening than it was at the look before it.</summary>
    [Fact]
    public async Task Read_OfWhatBecomesAPipeMeanwhile_WaitsForNobody()
    {
        if (!OperatingSystem.IsLinux() || !TryMakePipe())
        {
            return;
        }

        var (pipe, file) = (Path.Join(_folder, "pipe"), Path.Join(_folder, "plain"));
        File.Move(Name, pipe);
        File.WriteAllText(file, "plain");
        File.Copy(file, Name);
        using var enough = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                // A name of its own each time, or a rename over the same file would do nothing.
                MakeLink(pipe);
                MakeLink(file);
            }
        });
        var (plain, pipes) = (0, 0);
        while (plain < 200 || pipes < 200)
        {
            try
            {
                Assert.Equal("plain"u8.ToArray(), WholeFile.Read(Name, TimeSpan.Zero));
                plain++;
            }
            catch (IOException)
            {
                pipes++;
            }
        }

        await enough.CancelAsync();
        await swapping;
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("missing")]
    public void Read_NoFile_IsNotFound(string name) =>
        Assert.Throws<FileNotFoundException>(() => WholeFile.Read(name.Length == 0 ? name : Path.Join(_folder, name)));

    [Fact]
    public void Read_AFolder_MayNotBe() => Assert.Throws<UnauthorizedAccessException>(() => WholeFile.Read(_folder));

    private void MakeLink(string target)
    {
        var link = Path.Join(_folder, "link");
        File.CreateSymbolicLink(link, target);
        File.Move(link, Name, overwrite: true);
    }

    /// <returns>Whether there are such files in this system's folders.</returns>
    private bool TryMakePipe()
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        using var made = Process.Start("mkfifo", [Name]);
        made.WaitForExit();
        return made.ExitCode == 0;
    }
}
