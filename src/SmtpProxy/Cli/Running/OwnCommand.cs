namespace SmtpProxy.Cli.Running;

/// <summary>How this very program is called at a prompt. All pages say <c>smtpproxy</c>, which is there once it is installed.</summary>
internal static class OwnCommand
{
    private static readonly string[] Names = OperatingSystem.IsWindows() ? ["smtpproxy.exe", "smtpproxy.cmd"] : ["smtpproxy"];

    /// <summary>What to write in place of <c>smtpproxy</c>; null: it is found as that.</summary>
    public static string? InPlace() =>
        InPlace(Environment.GetEnvironmentVariable("PATH"), Environment.ProcessPath, Environment.GetCommandLineArgs()[0]);

    /// <param name="path">The folders in which a shell looks.</param>
    /// <param name="program">The file that runs; null: not known.</param>
    /// <param name="assembly">What it was told to run.</param>
    internal static string? InPlace(string? path, string? program, string assembly) =>
        program is null || IsFound(path) ? null
        : Path.GetFileNameWithoutExtension(program) == "dotnet" ? $"dotnet {Quoted(Path.GetFullPath(assembly))}"
        : Quoted(program);

    private static bool IsFound(string? path) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(static folder => Names.Any(name => File.Exists(Path.Combine(folder, name))));

    private static string Quoted(string text) => text.Contains(' ', StringComparison.Ordinal) ? $"\"{text}\"" : text;
}
