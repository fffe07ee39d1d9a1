using SmtpProxy.Configuration.Rules;
using SmtpProxy.Telemetry.Journal;

namespace SmtpProxy.Tests.Configuration;

public sealed class JournalPlaceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-").FullName;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("/dev/null")]
    public void Check_WhatIsNoFileOnDisk_IsNoProblem(string? path) => Assert.Empty(JournalPlace.Check(new JournalOptions { Path = path }));

    [Fact]
    public void Check_AFileThatCanBeWrittenOrMade_IsNoProblem_AndIsNotTouched()
    {
        var (there, not) = (Path.Combine(_folder, "there"), Path.Combine(_folder, "not"));
        File.WriteAllText(there, "a line\n");
        var written = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(there, written);
        Assert.Empty(JournalPlace.Check(new JournalOptions { Path = there }));
        Assert.Empty(JournalPlace.Check(new JournalOptions { Path = not }));
        Assert.Equal(("a line\n", written), (File.ReadAllText(there), File.GetLastWriteTimeUtc(there)));
        Assert.False(File.Exists(not));
    }

    [Theory]
    [InlineData("FOLDER", "'FOLDER' is a directory; write the path of a file")]
    [InlineData("FOLDER/new/", "'FOLDER/new/' is a directory; write the path of a file")]
    [InlineData("FOLDER/none/j", "the directory 'FOLDER/none' does not exist; create it")]
    [InlineData("FOLDER/file/j", "'FOLDER/file' is a file and no directory; write the path of a file")]
    [InlineData("FOLDER/dangling", "the directory 'FOLDER/none' does not exist; create it")]
    [InlineData("/dev/full", "'/dev/full' is full by its nature; write the path of a file")]
    public void Check_APlaceThatCannotBeWritten_SaysWhyAndWhatToDo(string path, string problem)
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        File.CreateSymbolicLink(Path.Combine(_folder, "dangling"), Path.Combine(_folder, "none", "j"));
        var text = Assert.Single(JournalPlace.Check(new JournalOptions
            { Path = path.Replace("FOLDER", _folder, StringComparison.Ordinal) })).Text;
        Assert.Equal($"SmtpProxy:Journal:Path: {problem}, or write another path, or - for standard output",
            text.Replace(_folder, "FOLDER", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
