namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Finds the programs of others that tests speak with. Where one is missing the test is skipped with a reason; where
/// <c>SMTPPROXY_REQUIRE_PEERS</c> is 1, as in <c>.ci/run</c>, it fails.</summary>
internal static class PeerTool
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/sbin", "/usr/lib/postfix/sbin"];

    /// <summary>Where <c>.ci/peers</c> unpacks what cannot be installed.</summary>
    public static string Unpacked { get; } = Environment.GetEnvironmentVariable("SMTPPROXY_PEERS")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "smtpproxy-peers");

    /// <summary>Where packages come from.</summary>
    public static string NuGet => "https://api.nuget.org/v3/index.json";

    /// <summary>Whether this is a system on which the servers can run at all: Linux, as root.</summary>
    public static bool IsRootOnLinux => OperatingSystem.IsLinux() && Environment.UserName == "root";

    /// <summary>The path of an installed program.</summary>
    public static string Require(string name) =>
        Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? Missing(name);

    /// <summary>The path of a file under <see cref="Unpacked"/>.</summary>
    public static string RequireUnpacked(string path) =>
        Path.Combine(Unpacked, path) is var whole && (File.Exists(whole) || Directory.Exists(whole)) ? whole : Missing(path);

    /// <summary>A mail server has to be started as root.</summary>
    public static void RequireRoot() => Need(IsRootOnLinux, "mail servers can only be started as root on Linux");

    /// <summary>Packages can be had that the solution has not restored.</summary>
    public static async Task RequireNuGetAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        try
        {
            using var index = await http.GetAsync(new Uri(NuGet));
            Need(index.IsSuccessStatusCode, $"{NuGet} answers {(int)index.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Need(false, $"{NuGet} cannot be reached: {e.Message}");
        }
    }

    private static string Missing(string name)
    {
        Need(false, $"{name} is not installed; .ci/peers installs it");
        return name;
    }

    private static void Need(bool condition, string reason)
    {
        if (Environment.GetEnvironmentVariable("SMTPPROXY_REQUIRE_PEERS") == "1")
        {
            Assert.True(condition, reason);
        }

        Skip.IfNot(condition, reason);
    }
}
