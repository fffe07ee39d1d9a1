using System.Text.RegularExpressions;

namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>One fenced block of a page.</summary>
/// <param name="Page">Path of the page below the repository.</param>
/// <param name="Line">Line of its opening fence, from 1.</param>
/// <param name="Language">The word after the fence: <c>sh</c>, <c>main.cf</c>…; empty: none.</param>
/// <param name="Text">What stands between the fences, without the indentation of the opening one.</param>
/// <param name="Mark">The HTML comment on the line before, which readers do not see; empty: none.</param>
internal sealed partial record Snippet(string Page, int Line, string Language, string Text, string Mark)
{
    /// <summary>Why nothing runs it, where the page says so: <c>&lt;!-- not run: REASON --&gt;</c>.</summary>
    public string? NotRun => MarkOf("not run");

    /// <summary>The test class that runs it, where that is none of this folder: <c>&lt;!-- run by: CLASS --&gt;</c>.</summary>
    public string? RunBy => MarkOf("run by");

    /// <summary>What is set up before it, in the shell of the same sandbox: <c>&lt;!-- after: COMMANDS --&gt;</c>.</summary>
    public string? After => MarkOf("after");

    /// <summary>Every fenced block of a page, in order.</summary>
    public static IEnumerable<Snippet> Of(string page, string text)
    {
        var lines = text.Split('\n');
        for (var n = 0; n < lines.Length; n++)
        {
            if (Fence().Match(lines[n]) is not { Success: true } fence)
            {
                continue;
            }

            var (opened, indent) = (n, fence.Groups["indent"].Length);
            var end = Array.FindIndex(lines, n + 1, static line => line.Trim() == "```");
            Assert.True(end > 0, $"{page}:{n + 1}: the block does not end");
            var inside = lines[(n + 1)..end].Select(line => line.Length >= indent ? line[indent..] : line);
            var before = opened > 0 && Comment().Match(lines[opened - 1]) is { Success: true } comment ? comment.Groups["text"].Value : "";
            yield return new Snippet(page, opened + 1, fence.Groups["language"].Value, string.Join('\n', inside) + "\n", before);
            n = end;
        }
    }

    public override string ToString() => $"{Page}:{Line} {Language}";

    private string? MarkOf(string kind) => Mark.StartsWith(kind + ": ", StringComparison.Ordinal) ? Mark[(kind.Length + 2)..] : null;

    [GeneratedRegex(@"^(?<indent> *)```(?<language>[^\s`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^ *<!-- (?<text>.*) -->$")]
    private static partial Regex Comment();
}
