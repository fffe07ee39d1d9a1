using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Packages;

/// <summary>What <c>build/packages</c> makes, made once: by <c>.ci/run</c> before (<c>SMTPPROXY_PACKAGES</c> is the folder), or by the
/// first test that asks.</summary>
public sealed class MadePackages : IAsyncLifetime
{
    private readonly DirectoryInfo? _own = Environment.GetEnvironmentVariable("SMTPPROXY_PACKAGES") is null
        ? Directory.CreateTempSubdirectory("smtpproxy-packages-") : null;

    /// <summary>The folder.</summary>
    public string Folder => _own?.FullName
        ?? Path.GetFullPath(Environment.GetEnvironmentVariable("SMTPPROXY_PACKAGES")!, SourceFolder.Root);

    /// <summary>The version of all of them.</summary>
    public static string Version { get; } =
        File.ReadAllText(Path.Combine(SourceFolder.Root, "Directory.Build.props")).Split("<VersionPrefix>")[1].Split('<')[0];

    /// <summary>The Debian package of this machine.</summary>
    public string Deb => Path.Combine(Folder, $"smtpproxy_{Version}_amd64.deb");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (_own is not null && OperatingSystem.IsLinux())
        {
            string[] kinds = File.Exists("/usr/bin/dpkg-deb") ? ["tool", "testing", "linux-x64", "deb"]
                : ["tool", "testing", "linux-x64"];
            await Command.SucceedAsync("env",
                ["SMTPPROXY_QUICK=1", Path.Combine(SourceFolder.Root, "build", "packages"), "-o", Folder, .. kinds]);
        }
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _own?.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
