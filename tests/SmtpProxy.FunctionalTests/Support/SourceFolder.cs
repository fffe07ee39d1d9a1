using System.Runtime.CompilerServices;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Where the sources are, for tests that run what the documentation shows.</summary>
internal static class SourceFolder
{
    /// <summary>The folder of README.md.</summary>
    public static string Root { get; } = Find();

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
