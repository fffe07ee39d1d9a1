using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>The pages that users read, where they stand in the repository.</summary>
internal static class Pages
{
    /// <summary>Every fenced block of every page.</summary>
    public static IReadOnlyList<Snippet> Snippets { get; } =
    [
        .. from file in Directory.GetFiles(SourceFolder.Root, "*.md")
        .Concat(Directory.GetFiles(Path.Combine(SourceFolder.Root, "docs"), "*.md", SearchOption.AllDirectories))
               .Concat(Directory.GetFiles(Path.Combine(SourceFolder.Root, "dashboards"), "*.md", SearchOption.AllDirectories))
           orderby file
           from snippet in Snippet.Of(Path.GetRelativePath(SourceFolder.Root, file), File.ReadAllText(file))
           select snippet,
    ];
}
