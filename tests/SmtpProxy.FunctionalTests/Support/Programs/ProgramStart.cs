using System.Diagnostics;
using SmtpProxy.Sessions;

namespace SmtpProxy.FunctionalTests.Support.Programs;

/// <summary>How the program is started: with nothing of the machine's environment that configures it.</summary>
internal static class ProgramStart
{
    /// <summary>A program that was published, in place of the one that was built with the tests (<c>SMTPPROXY_PROGRAM</c>): what is
    /// compiled beforehand is tested so. Null: there is none.</summary>
    public static string? Published { get; } = Environment.GetEnvironmentVariable("SMTPPROXY_PROGRAM") is { Length: > 0 } path
        ? path : null;

    /// <summary>The program's assembly: of what <c>build/packages program</c> made, which starts with a quarter less of a processor's time,
    /// or of what was built with the tests.</summary>
    public static string Assembly { get; } = Environment.GetEnvironmentVariable("SMTPPROXY_PACKAGES") is { Length: > 0 } made
        && Path.GetFullPath(Path.Combine(made, "program", "SmtpProxy.dll"), SourceFolder.Root) is var ahead && File.Exists(ahead)
        ? ahead : typeof(SessionHost).Assembly.Location;

    /// <summary>The command line up to the program's own arguments, with both outputs redirected.</summary>
    /// <param name="launcher">A program that becomes it (<c>exec</c>), with its own arguments; empty: none.</param>
    /// <param name="folder">Its working directory.</param>
    public static ProcessStartInfo Command(IReadOnlyList<string> launcher, string folder)
    {
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        string[] command = Published is { } program ? [.. launcher, program] : [.. launcher, dotnet, Assembly];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToArray())
        {
            start.Environment.Remove(name);
        }

        // It lives for seconds: instrumented code would never pay. Nobody attaches to it, and what is made for those who
        // would stays in /tmp when it is killed.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        // Code pages that are never both written and run cost a tenth of a start that compiles, and no test is about them.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return start;
    }

    private static bool IsForeign(string variable) =>
        variable.Contains("__", StringComparison.Ordinal) || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || variable.StartsWith("OTEL_", StringComparison.Ordinal);
}
