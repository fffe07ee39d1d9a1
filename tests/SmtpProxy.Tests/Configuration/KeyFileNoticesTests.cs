using SmtpProxy.Configuration;

namespace SmtpProxy.Tests.Configuration;

public sealed class KeyFileNoticesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(UnixFileMode.UserRead, null)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, null)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        "everybody on this machine may read it (mode 0644)")]
    public void Key_ThatOthersMayRead_IsNamedWithItsModeAndTheRemedy(UnixFileMode mode, string? problem)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = Path.Combine(_folder, "key.pem");
        File.WriteAllText(path, "a key");
        File.SetUnixFileMode(path, mode);
        var link = Path.Combine(_folder, "live.pem");
        File.CreateSymbolicLink(link, path);

        foreach (var name in (string[])[path, link])
        {
            var notice = KeyFileNotices.OfFile("K", name);
            Assert.Equal(problem is null, notice is null);
            if (problem is not null)
            {
                Assert.StartsWith($"K: {name} ", notice, StringComparison.Ordinal);
                Assert.Contains(problem, notice, StringComparison.Ordinal);
                Assert.Contains("chmod 0600", notice, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>As root writes it for a service, with the group of the service: 0640. Any other group is one whose
    /// members are not this service.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData("nogroup", "its group may read it (mode 0640)")]
    public void Key_ThatItsGroupMayRead_IsAllRightForTheProcesssOwnGroupOnly(string? group, string? problem)
    {
        if (!OperatingSystem.IsLinux() || (group is not null && Environment.UserName != "root"))
        {
            // Only root gives files away.
            return;
        }

        var path = Path.Combine(_folder, "key.pem");
        File.WriteAllText(path, "a key");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        using var chgrp = group is null ? null : System.Diagnostics.Process.Start("chgrp", [group, path]);
        chgrp?.WaitForExit();

        var notice = KeyFileNotices.OfFile("K", path);

        Assert.True(problem is null ? notice is null : notice!.Contains(problem, StringComparison.Ordinal), notice);
    }

    [Fact]
    public void Key_ThatIsNotThere_IsTheLoadersMatter() => Assert.Null(KeyFileNotices.OfFile("K", Path.Combine(_folder, "nowhere")));
}
