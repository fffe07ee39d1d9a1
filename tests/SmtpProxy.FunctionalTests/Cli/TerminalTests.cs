using System.Net;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Support.Programs;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>What a person at a terminal sees, on a real one: <c>run</c> with its greeting and lines, <c>watch</c>
/// with its table and keys.</summary>
public sealed class TerminalTests : IAsyncLifetime
{
    private readonly string _socket = $"smtpproxy-{Guid.NewGuid():N}";
    private readonly int _port = FreePort.Next(), _sink = FreePort.Next(), _admin = FreePort.Next();

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>A proxy outlives its terminal, and no test may leave one behind: each is told to end before the terminal goes.</summary>
    public async Task DisposeAsync() => await Command.RunAsync("bash", ["-c", $$"""
        command -v tmux > /dev/null || exit 0
        for pane in $(tmux -L {{_socket}} list-panes -a -F '#{pane_pid}'); do kill -TERM -- -$pane; done
        tmux -L {{_socket}} kill-server
        """]);

    [SkippableFact]
    public async Task Run_AndWatch_OnATerminal_ShowWhatHappens_AndObeyKeys()
    {
        PeerTool.Require("tmux");
        await TmuxAsync("new-session", "-d", "-x", "160", "-y", "50",
            $"{Program} --listen 127.0.0.1:{_port} --SmtpProxy:Sink:Address=127.0.0.1:{_sink} --admin http://127.0.0.1:{_admin} " +
                "--faults");
        await SeesAsync(0, $"swaks --server 127.0.0.1:{_port} --to you@example.org", $"http://127.0.0.1:{_admin}/",
            $"smtpproxy watch --admin http://127.0.0.1:{_admin}", "smtpproxy faults start slow-banner",
            "--faults: faults can be armed here");
        await SendAsync("you@example.org");
        await SendAsync("550@example.org");
        await SeesAsync(0, "✓ 127.0.0.1 -> sink 250 2.0.0 ", "(relay ", "✗ 127.0.0.1 -> sink 550 5.1.1 RCPT", "    recipient_unknown: ");
        // The message lines say it; the log does not say it again.
        Assert.DoesNotContain("FailureLog", await ScreenAsync(0), StringComparison.Ordinal);
        Assert.Matches("\x1b\\[32m(\x1b\\[49m)?✓", await TmuxAsync("capture-pane", "-e", "-p", "-t", ":0"));

        await TmuxAsync("new-window", "-d", $"{Program} watch --admin http://127.0.0.1:{_admin}");
        await SeesAsync(1, "recipient_unknown 220 250 550 221", "1/1", "h HALT faults");
        await TmuxAsync("send-keys", "-t", ":1", "Down");
        await TmuxAsync("send-keys", "-t", ":1", "Up");
        await TmuxAsync("send-keys", "-t", ":1", "Enter");
        await SeesAsync(1, "RCPT ", "550 5.1.1", "recipient_unknown: ", "Esc back");
        await TmuxAsync("send-keys", "-t", ":1", "h");
        await SeesAsync(1, "all faults are halted");
        await TmuxAsync("send-keys", "-t", ":1", "BSpace");
        await TmuxAsync("send-keys", "-t", ":1", "f");
        await SeesAsync(1, "[failures]", "1 session ");
        await TmuxAsync("send-keys", "-t", ":1", "f");
        await FilterAsync("code=250 relay=none");
        await SeesAsync(1, "0 sessions", "[code=250 relay=none]");
        await FilterAsync("colour=red");
        await SeesAsync(1, "there is no filter \"colour\"", "[code=250 relay=none]");
        await FilterAsync("code=zz");
        await SeesAsync(1, "a code such as 550", "[code=250 relay=none]");
        await FilterAsync("");
        await SeesAsync(1, "2 sessions");

        // A session that goes on is followed while it is looked at.
        var (client, _) = await MailClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port));
        using (client)
        {
            await client.SayAsync("EHLO followed.example");
            await SeesAsync(1, "3 sessions");
            await TmuxAsync("send-keys", "-t", ":1", "Up");
            await TmuxAsync("send-keys", "-t", ":1", "Up");
            await TmuxAsync("send-keys", "-t", ":1", "Enter");
            await SeesAsync(1, "EHLO ", "goes on");
            await client.SayAsync("MAIL FROM:<me@example.org>");
            await SeesAsync(1, "MAIL ");
            await client.SayAsync("QUIT");
        }

        await SeesAsync(1, "QUIT ", "quit, ");

        // What is longer than the screen is moved.
        await TmuxAsync("resize-window", "-t", ":1", "-y", "6");
        await SeesAsync(1, "greeting ", "↑↓ more");
        await TmuxAsync("send-keys", "-t", ":1", "PageDown");
        await SeesAsync(1, "QUIT ");
        Assert.DoesNotContain(" -> sink (", await ScreenAsync(1), StringComparison.Ordinal);
        await TmuxAsync("send-keys", "-t", ":1", "Up");
        await SeesAsync(1, " -> sink (");
        await TmuxAsync("send-keys", "-t", ":1", "q");
        await Eventually.Async(async () => !(await TmuxAsync("list-windows")).Contains("1:", StringComparison.Ordinal),
            "watch does not leave");

        // Piped, it is plain lines.
        await TmuxAsync("new-window", "-d", $"{Program} watch --admin http://127.0.0.1:{_admin} --failed 2>&1 | sed -u 's/^/piped: /'");
        await Eventually.Async(
            async () =>
            {
                await SendAsync("550@example.org");
                return (await ScreenAsync(1)).Contains("piped: ✗ 127.0.0.1 -> sink 550 5.1.1 RCPT", StringComparison.Ordinal);
            }, "watch prints no lines");
        Assert.DoesNotContain("\x1b[31m", await TmuxAsync("capture-pane", "-e", "-p", "-t", ":1"), StringComparison.Ordinal);
    }

    /// <summary>Where colours are on, too, all that the server says are words.</summary>
    [SkippableFact]
    public async Task Probe_OnATerminal_ShowsTheWalk_AndNoSequenceOfTheServers()
    {
        PeerTool.Require("tmux");
        await using var relay = new HostileRelay("\x1b]2;owned\x07\x1b[2J<b>");
        await TmuxAsync("new-session", "-d", "-x", "160", "-y", "60", $"{Program} probe {relay.Address}; read wait");
        await SeesAsync(0, "greeting ", "220 \\x1b]2;owned\\x07\\x1b[2J<b> ESMTP", "starttls ", "tls_handshake ", "data ", "354 ",
            "certificate   \\x1b]2;owned", "✓ the server asked for the message");
        Assert.Contains("\x1b[36m", await TmuxAsync("capture-pane", "-e", "-p", "-t", ":0"), StringComparison.Ordinal);
        Assert.DoesNotContain("owned", await TmuxAsync("display-message", "-p", "-t", ":0", "#{pane_title}"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("smtpproxy pro", "probe")]
    [InlineData("smtpproxy probe --st", "--starttls")]
    [InlineData("smtpproxy faults ha", "halt")]
    public async Task Completion_InBash_CompletesCommandsAndOptions(string typed, string completed)
    {
        PeerTool.Require("bash");
        var printed = await Command.SucceedAsync("bash", ["-c", $$"""
            smtpproxy() { {{Program}} "$@"; }
            source <(smtpproxy completion bash)
            COMP_LINE='{{typed}}'; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<< "$COMP_LINE"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _smtpproxy
            echo "${COMPREPLY[*]}"
            """]);
        Assert.Equal(completed, printed.Trim());
    }

    /// <summary>As the Debian package puts it into a folder of zsh's.</summary>
    [SkippableTheory]
    [InlineData("smtpproxy pro", "smtpproxy probe ")]
    [InlineData("smtpproxy probe --star", "smtpproxy probe --starttls ")]
    public async Task Completion_InZsh_CompletesCommandsAndOptions(string typed, string completed)
    {
        PeerTool.Require("zsh");
        var folder = Directory.CreateTempSubdirectory("smtpproxy-zsh-");
        try
        {
            var program = Path.Combine(folder.FullName, "smtpproxy");
            await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec {Program} \"$@\"\n");
            await Command.SucceedAsync("chmod", ["+x", program]);
            var printed = await Command.SucceedAsync("zsh", ["-f", "-c", $$"""
                path=({{folder.FullName}} $path); mkdir {{folder.FullName}}/f; smtpproxy completion zsh > {{folder.FullName}}/f/_smtpproxy
                zmodload zsh/zpty
                zpty shell zsh -f -i
                zpty -w shell 'PS1=; fpath=({{folder.FullName}}/f $fpath); autoload -Uz compinit; compinit -u -D; print -n re; print ady'
                zpty -r shell line '*ready*'
                zpty -w shell 'line() { print -r -- "<$BUFFER>"; print do""ne }; zle -N line; bindkey "^X" line; print be""gun'
                zpty -r shell line '*begun*'
                zpty -n -w shell $'{{typed}}\t\x18'
                zpty -r shell line '*done*'
                print -r -- "$line"
                """]);
            Assert.Contains($"<{completed}>", printed, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableTheory]
    [InlineData("smtpproxy pro", "probe")]
    [InlineData("smtpproxy probe --star", "--starttls")]
    [InlineData("smtpproxy run --addresses ha", "hash")]
    public async Task Completion_InFish_CompletesCommandsAndOptions(string typed, string completed)
    {
        PeerTool.Require("fish");
        var printed = await Command.SucceedAsync("fish", ["--no-config", "-c", $$"""
            function smtpproxy; {{Program}} $argv; end
            smtpproxy completion fish | source
            complete --do-complete '{{typed}}'
            """]);
        Assert.Equal(completed, printed.Trim());
    }

    [SkippableTheory]
    [InlineData("smtpproxy pro", "probe")]
    [InlineData("smtpproxy probe --star", "--starttls")]
    public async Task Completion_InPowerShell_CompletesCommandsAndOptions(string typed, string completed)
    {
        // No distribution has it: it is tried where it happens to be.
        var shell = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(static folder => Path.Combine(folder, "pwsh")).FirstOrDefault(File.Exists);
        Skip.If(shell is null, "pwsh is not installed; dotnet tool install powershell installs it");
        var printed = await Command.SucceedAsync(shell, ["-NoProfile", "-NonInteractive", "-Command", $$"""
            function smtpproxy { {{Program}} @args }
            smtpproxy completion pwsh | Out-String | Invoke-Expression
            (TabExpansion2 '{{typed}}' {{typed.Length}}).CompletionMatches.CompletionText
            """]);
        Assert.Equal(completed, printed.Trim());
    }

    private async Task FilterAsync(string filter)
    {
        await TmuxAsync("send-keys", "-t", ":1", "/");
        await SeesAsync(1, "Enter applies");
        await TmuxAsync("send-keys", "-t", ":1", "C-u");
        await TmuxAsync("send-keys", "-t", ":1", "-l", filter.Length == 0 ? " " : filter);
        await TmuxAsync("send-keys", "-t", ":1", "Enter");
    }

    private static string Program =>
        ProgramStart.Command([], Path.GetTempPath()) is var start ? string.Join(' ', [start.FileName, .. start.ArgumentList]) : "";

    private async Task SendAsync(string to)
    {
        var (client, _) = await MailClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port));
        using (client)
        {
            await client.SayAsync("EHLO me.test");
            await client.SayAsync("MAIL FROM:<me@example.org>");
            if ((await client.SayAsync($"RCPT TO:<{to}>"))?.StartsWith("250", StringComparison.Ordinal) == true)
            {
                await client.SayAsync("DATA");
                await client.SayAsync("Subject: hello\r\n\r\nhi\r\n.");
            }

            await client.SayAsync("QUIT");
        }
    }

    private async Task SeesAsync(int window, params string[] texts)
    {
        var screen = "";
        await Eventually.Async(
            async () =>
            {
                screen = await ScreenAsync(window);
                return Array.TrueForAll(texts, text => screen.Contains(text, StringComparison.Ordinal));
            }, $"not on the screen: {string.Join(" | ", texts)}");
    }

    private Task<string> ScreenAsync(int window) => TmuxAsync("capture-pane", "-J", "-p", "-t", $":{window}");

    private Task<string> TmuxAsync(params string[] arguments) =>
        Command.SucceedAsync("tmux", ["-L", _socket, "-f", "/dev/null", .. arguments]);
}
