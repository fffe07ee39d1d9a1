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

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bash"] = """
            # smtpproxy completion bash
            _smtpproxy() {
                local IFS=$'\n'
                local line=${COMP_LINE:0:COMP_POINT}
                local words=${line#* }
                COMPREPLY=($(compgen -W "$(smtpproxy "[suggest:${#words}]" "$words" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _smtpproxy smtpproxy

            """,
        ["zsh"] = """
            #compdef smtpproxy
            # smtpproxy completion zsh
            _smtpproxy() {
                local words_before="${(j: :)words[2,CURRENT]}"
                local -a found
                found=("${(@f)$(smtpproxy "[suggest:${#words_before}]" "$words_before" 2> /dev/null)}")
                compadd -- $found
            }
            compdef _smtpproxy smtpproxy

            """,
        ["fish"] = """
            # smtpproxy completion fish
            function __smtpproxy_suggest
                set -l words (string join ' ' -- (commandline -opc)[2..] (commandline -ct))
                smtpproxy "[suggest:"(string length -- "$words")"]" "$words" 2> /dev/null
            end
            complete -c smtpproxy -f -a '(__smtpproxy_suggest)'

            """,
        ["pwsh"] = """
            # smtpproxy completion pwsh
            Register-ArgumentCompleter -Native -CommandName smtpproxy -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $words = ($commandAst.ToString() -replace '^\S+\s*', '')
                if ($wordToComplete -eq '') { $words = "$words " }
                smtpproxy "[suggest:$($words.Length)]" $words 2> $null | Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell");
        shell.CompletionSources.Add([.. Scripts.Keys]);
        var command = new TaughtCommand("completion", "completion for bash, zsh, fish or pwsh", Help) { shell };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(shell)!;
            if (Scripts.GetValueOrDefault(name is "powershell" ? "pwsh" : name) is not { } script)
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"smtpproxy: there is no completion for \"{Output.Printable.Of(name)}\"; write one of " +
                        $"{string.Join(", ", Scripts.Keys)}");
                return ExitCode.Refused;
            }

            parsed.InvocationConfiguration.Output.Write(script);
            return ExitCode.Good;
        });
        return command;
    }
}
