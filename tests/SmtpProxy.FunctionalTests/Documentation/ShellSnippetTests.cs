namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>Shell snippets of all pages, dealt to classes that run side by side. A machine is dear, and a proxy on it dearer: what
/// several pages print alike runs once, and snippets before which the same is set up share the machine and the proxy, one after the
/// other.</summary>
public abstract class ShellSnippetTests
{
    private const int Classes = 3;

    /// <summary>Those of each machine. Where nothing is set up, the snippet itself starts what it needs, on a machine of its own.</summary>
    private static readonly Snippet[][] s_machines =
    [
        .. SnippetTests.Names("sh").Select(SnippetTests.Find).DistinctBy(static s => (s.After, s.Text))
            .GroupBy(static s => s.After ?? s.ToString()).Select(static same => same.ToArray()),
    ];

    /// <summary>The machines of one class, each by its first snippet.</summary>
    /// <param name="number">Which, from 0 on.</param>
    public static TheoryData<string> Dealt(int number) =>
        [.. s_machines.Where((_, n) => n % Classes == number).Select(static machine => machine[0].ToString())];

    protected static async Task RunAsync(string name)
    {
        var snippets = s_machines.Single(machine => machine[0].ToString() == name);
        using var box = await Sandbox.MakeAsync();
        // Each in a shell of its own, which has what was set up; the one that fails is the last that is named.
        await box.SucceedAsync(string.Concat([$"{snippets[0].After}\n",
            .. snippets.Select(static s => $"echo '-- {s}'\n(\n{s.Text}\n)\n")]));
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
