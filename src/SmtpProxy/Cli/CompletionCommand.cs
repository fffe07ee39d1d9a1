using System.CommandLine;
using SmtpProxy.Cli.Help;

namespace SmtpProxy.Cli;

/// <summary><c>completion</c>: a script that completes command lines in a shell. The words come from the program itself, by its [suggest]
/// directive, so that they are those of the version that is installed.</summary>
internal static class CompletionCommand
{
    private const string Help = """
        smtpproxy completion - completion of command lines, for your shell

        Usage
          smtpproxy completion bash | zsh | fish | pwsh

        Put it into effect
          bash         smtpproxy completion bash > /etc/bash_completion.d/smtpproxy      or: source <(smtpproxy completion bash)
          zsh          smtpproxy completion zsh > "${fpath[1]}/_smtpproxy"
          fish         smtpproxy completion fish > ~/.config/fish/completions/smtpproxy.fish
          PowerShell   smtpproxy completion pwsh | Out-String | Invoke-Expression        (in $PROFILE)

        Exit codes: 0 the script is on standard output, 1 there is none for that shell.

        """;

    /// <summary>The files in the folder <c>Completion</c>, embedded as they are; packages install the same.</summary>
    private static readonly Dictionary<string, string> Files = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bash"] = "smtpproxy.bash",
        ["zsh"] = "smtpproxy.zsh",
        ["fish"] = "smtpproxy.fish",
        ["pwsh"] = "smtpproxy.ps1",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell");
        shell.CompletionSources.Add([.. Files.Keys]);
        var command = new TaughtCommand("completion", "completion for bash, zsh, fish or pwsh", Help) { shell };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(shell)!;
            if (Files.GetValueOrDefault(name is "powershell" ? "pwsh" : name) is not { } file)
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"smtpproxy: there is no completion for \"{Output.Printable.Of(name)}\"; write one of " +
                        $"{string.Join(", ", Files.Keys)}");
                return ExitCode.Refused;
            }

            parsed.InvocationConfiguration.Output.Write(Read(file));
            return ExitCode.Good;
        });
        return command;
    }

    private static string Read(string file)
    {
        using var script = new StreamReader(typeof(CompletionCommand).Assembly.GetManifestResourceStream($"SmtpProxy.Completion/{file}")!);
        return script.ReadToEnd();
    }
}
