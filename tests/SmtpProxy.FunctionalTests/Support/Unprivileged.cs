namespace SmtpProxy.FunctionalTests.Support;

/// <summary>The proxy without the rights that root has: permissions of files and ports mean something to it.</summary>
internal static class Unprivileged
{
    private static readonly string[] Launcher = Environment.IsPrivilegedProcess
        ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

    /// <summary>Runs a command to its end, with exactly these arguments.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args) =>
        ProxyProcess.RunByAsync(Launcher, args);
}
