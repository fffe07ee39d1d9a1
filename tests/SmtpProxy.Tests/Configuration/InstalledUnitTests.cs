using SmtpProxy.Configuration;

namespace SmtpProxy.Tests.Configuration;

public sealed class InstalledUnitTests : IDisposable
{
    private readonly DirectoryInfo _own = Directory.CreateTempSubdirectory("smtpproxy-unit-");
    private readonly DirectoryInfo _package = Directory.CreateTempSubdirectory("smtpproxy-unit-");

    public void Dispose()
    {
        _own.Delete(recursive: true);
        _package.Delete(recursive: true);
    }

    [Fact]
    public void Machine_WithoutAUnit_HasNone() => Assert.Null(Find());

    [Theory]
    [InlineData("[Service]\nLimitNOFILE=65536\n", 65536L)]
    [InlineData("[Service]\nLimitNOFILE = 1024:4096\n", 4096L)]
    [InlineData("[Service]\nLimitNOFILE=infinity\n", null)]
    [InlineData("[Service]\n#LimitNOFILE=7\n", 524_288L)]
    [InlineData("[Service]\nLimitNOFILE=5\nLimitNOFILE=6\n", 6L)]
    public void Unit_SaysHowManyFilesItMayOpen(string text, long? files)
    {
        Write(_package, "smtpproxy.service", text);
        Assert.Equal(files, Find()!.OpenFiles);
    }

    [Fact]
    public void Additions_OfTheMachine_WinOverThoseOfThePackage()
    {
        Write(_package, "smtpproxy.service", "[Service]\nLimitNOFILE=65536\n");
        Write(_package, "smtpproxy.service.d/50-more.conf", "[Service]\nLimitNOFILE=100\n");
        Write(_own, "smtpproxy.service.d/50-more.conf", "[Service]\nLimitNOFILE=200\n");
        var unit = Find()!;
        Assert.Equal((200L, Path.Combine(_own.FullName, "smtpproxy.service.d/50-more.conf")), (unit.OpenFiles!.Value, unit.Path));
    }

    private InstalledUnit? Find() => InstalledUnit.Find([_own.FullName, _package.FullName]);

    private static void Write(DirectoryInfo folder, string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
