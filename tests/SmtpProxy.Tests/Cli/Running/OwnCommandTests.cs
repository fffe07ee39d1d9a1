using SmtpProxy.Cli.Running;

namespace SmtpProxy.Tests.Cli.Running;

/// <summary>Whoever runs it from its source has no <c>smtpproxy</c> to call.</summary>
public sealed class OwnCommandTests
{
    [Fact]
    public void InPlace_OfACommandThatNoShellFinds_IsTheProgramThatRuns()
    {
        var folder = Directory.CreateTempSubdirectory("smtpproxy-path-");
        try
        {
            var path = string.Join(Path.PathSeparator, folder.FullName, Path.Combine(folder.FullName, "none"));
            Assert.Equal("/opt/out/SmtpProxy", OwnCommand.InPlace(path, "/opt/out/SmtpProxy", "/opt/out/SmtpProxy.dll"));
            Assert.Equal("\"/opt/my mail/SmtpProxy\"", OwnCommand.InPlace(path, "/opt/my mail/SmtpProxy", ""));
            Assert.Equal("dotnet /opt/out/SmtpProxy.dll", OwnCommand.InPlace(path, "/usr/bin/dotnet", "/opt/out/SmtpProxy.dll"));
            Assert.Equal("/opt/out/SmtpProxy", OwnCommand.InPlace(null, "/opt/out/SmtpProxy", ""));
            Assert.Null(OwnCommand.InPlace(path, null, ""));
            File.WriteAllText(Path.Combine(folder.FullName, OperatingSystem.IsWindows() ? "smtpproxy.exe" : "smtpproxy"), "");
            Assert.Null(OwnCommand.InPlace(path, "/opt/out/SmtpProxy", ""));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
