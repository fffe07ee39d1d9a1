using System.Text;
using SmtpProxy.Telemetry.Journal;

namespace SmtpProxy.Tests.Telemetry.Journal;

public sealed class JournalFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("journal").FullName;

    private string Path => System.IO.Path.Combine(_directory, "j.jsonl");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void File_WasRotated_IsOpenedAnew(bool copyAndTruncate)
    {
        using var file = new JournalFile(Path);
        Write(file, "1\n");
        Write(file, "2\n");
        if (copyAndTruncate)
        {
            File.Copy(Path, Path + ".1");
            File.WriteAllText(Path, "");
        }
        else
        {
            File.Move(Path, Path + ".1");
        }

        Write(file, "3\n");
        Write(file, "4\n");
        Assert.Equal("1\n2\n", File.ReadAllText(Path + ".1"));
        Assert.Equal("3\n4\n", File.ReadAllText(Path));
    }

    [Fact]
    public void File_IsAnotherOneOfThatNameNow_IsOpenedAnew()
    {
        using var file = new JournalFile(Path);
        Write(file, "1\n");
        File.Move(Path, Path + ".1");
        File.WriteAllText(Path, "already longer than the first one\n");
        Write(file, "2\n");
        Assert.Equal("already longer than the first one\n2\n", File.ReadAllText(Path));
    }

    /// <summary>A writer closes it when it stops, and whoever made the writer closes that again.</summary>
    [Fact]
    public void File_ClosedTwice_ClosesNobodyElsesFile()
    {
        for (var n = 0; n < 50; n++)
        {
            var first = new JournalFile(Path);
            first.Dispose();
            // It gets the lowest number that is free, which is that of the first one unless another test was quicker.
            using var second = new JournalFile(Path + ".2");
            first.Dispose();
            Write(second, "1\n");
        }

        Assert.Equal(50, File.ReadAllLines(Path + ".2").Length);
    }

    [Fact]
    public void File_OpenTwice_KeepsEveryLineWhole()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        const int Lines = 5_000;
        Parallel.For(0, 4, writer =>
        {
            using var file = new JournalFile(Path);
            for (var n = 0; n < Lines; n++)
            {
                Write(file, $"{writer} {n} {new string('x', 50 + (n % 100))}\n");
            }
        });
        var lines = File.ReadAllLines(Path);
        Assert.Equal(4 * Lines, lines.Select(static l => string.Join(' ', l.Split(' ')[..2])).Distinct().Count());
        Assert.All(lines, static l => Assert.Matches("^[0-3] [0-9]+ x{50,149}$", l));
    }

    [Fact]
    public void File_EndsInTheMiddleOfALine_GetsALineEndFirst()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        File.WriteAllText(Path, "{}\n{\"torn\":");
        using var file = new JournalFile(Path);
        Write(file, "1\n");
        // Another process was cut short meanwhile.
        File.AppendAllText(Path, "{\"to");
        Write(file, "2\n");
        Assert.Equal("{}\n{\"torn\":\n1\n{\"to\n2\n", File.ReadAllText(Path));
    }

    [Fact]
    public void File_Made_IsReadableForTheGroupAndNobodyElse()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var file = new JournalFile(Path);
        Assert.Equal(UnixFileMode.None,
            File.GetUnixFileMode(Path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path) & (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void File_BehindSymbolicLinks_IsWrittenAndFollowedWhereTheyLead()
    {
        foreach (var name in (string[])["a", "b"])
        {
            Directory.CreateDirectory(System.IO.Path.Combine(_directory, name));
        }

        var link = System.IO.Path.Combine(_directory, "link");
        Directory.CreateSymbolicLink(link, System.IO.Path.Combine(_directory, "a"));
        using var file = new JournalFile(System.IO.Path.Combine(link, "j.jsonl"));
        Write(file, "1\n");
        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, System.IO.Path.Combine(_directory, "b"));
        Write(file, "2\n");
        Assert.Equal("1\n", File.ReadAllText(System.IO.Path.Combine(_directory, "a", "j.jsonl")));
        Assert.Equal("2\n", File.ReadAllText(System.IO.Path.Combine(_directory, "b", "j.jsonl")));
    }

    /// <summary>Its directory was moved, too, and nothing can be made at its place.</summary>
    [Fact]
    public void File_WasMovedAndCannotBeMadeAnew_GetsTheLinesAllTheSame()
    {
        var (home, away) = (System.IO.Path.Combine(_directory, "home"), System.IO.Path.Combine(_directory, "away"));
        Directory.CreateDirectory(home);
        using var file = new JournalFile(System.IO.Path.Combine(home, "j.jsonl"));
        Write(file, "1\n");
        Assert.Null(file.Stranded);
        Directory.Move(home, away);
        Write(file, "2\n");
        Assert.NotNull(file.Stranded);
        Directory.CreateDirectory(home);
        Write(file, "3\n");
        Assert.Null(file.Stranded);
        Assert.Equal("1\n2\n", File.ReadAllText(System.IO.Path.Combine(away, "j.jsonl")));
        Assert.Equal("3\n", File.ReadAllText(System.IO.Path.Combine(home, "j.jsonl")));
    }

    /// <summary>A program that follows the file and locks it, as every reader in .NET does, holds nothing up.</summary>
    [Fact]
    public void File_IsLockedByAReader_IsWrittenAllTheSame()
    {
        using var file = new JournalFile(Path);
        using var reader = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Write(file, "1\n");
        Assert.Equal('1', reader.ReadByte());
    }

    [Fact]
    public void Reopen_FileIsGone_MakesItAnew()
    {
        using var file = new JournalFile(Path);
        File.Delete(Path);
        file.Reopen();
        Assert.Equal("", File.ReadAllText(Path));
        Write(file, "1\n");
        Assert.Equal("1\n", File.ReadAllText(Path));
    }

    private static void Write(JournalFile file, string lines) => Assert.Equal(lines.Length, file.Write(Encoding.ASCII.GetBytes(lines)));
}
