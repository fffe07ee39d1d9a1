namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>Shell snippets of all pages. They are more than half of all snippets' time, and each has a machine of its own: dealt to classes
/// that run side by side.</summary>
public abstract class ShellSnippetTests
{
    private const int Classes = 3;

    /// <summary>Those of one class.</summary>
    /// <param name="number">Which, from 0 on.</param>
    public static TheoryData<string> Dealt(int number) =>
        [.. SnippetTests.Names("sh").Where((_, n) => n % Classes == number)];

    protected static async Task RunAsync(string name)
    {
        var snippet = SnippetTests.Find(name);
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync($"{snippet.After}\n{snippet.Text}");
    }
}

/// <summary>The first of each three.</summary>
public sealed class FirstShellSnippetTests : ShellSnippetTests
{
    [SkippableTheory]
    [MemberData(nameof(Dealt), 0)]
    public Task Shell_AsPrinted_Succeeds(string name) => RunAsync(name);
}

/// <summary>The second of each three.</summary>
public sealed class SecondShellSnippetTests : ShellSnippetTests
{
    [SkippableTheory]
    [MemberData(nameof(Dealt), 1)]
    public Task Shell_AsPrinted_Succeeds(string name) => RunAsync(name);
}

/// <summary>The third of each three.</summary>
public sealed class ThirdShellSnippetTests : ShellSnippetTests
{
    [SkippableTheory]
    [MemberData(nameof(Dealt), 2)]
    public Task Shell_AsPrinted_Succeeds(string name) => RunAsync(name);
}
