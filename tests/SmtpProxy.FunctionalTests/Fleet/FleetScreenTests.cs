using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Support.Programs;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary><c>watch --fleet</c> on a real terminal, as narrow as they come, and for a reader that goes away.</summary>
[Collection("Fleet")]
public sealed class FleetScreenTests : IAsyncLifetime
{
    private const string Pod = "smtpproxy-7d9f8b6c5d-x2x4z";
    private readonly string _socket = $"smtpproxy-{Guid.NewGuid():N}";

    private static string Program =>
        ProgramStart.Command([], Path.GetTempPath()) is var start ? string.Join(' ', [start.FileName, .. start.ArgumentList]) : "";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await Command.RunAsync("bash", ["-c", $$"""
        command -v tmux > /dev/null || exit 0
        for pane in $(tmux -L {{_socket}} list-panes -a -F '#{pane_pid}'); do kill -TERM -- -$pane; done
        tmux -L {{_socket}} kill-server
        """]);

    [SkippableFact]
    public async Task Screen_OfEightyColumns_ShowsWhatHappenedAndTheKeys_AndObeysWhileAMemberIsStalledAndGone()
    {
        PeerTool.Require("tmux");
        await using var fleet = await FleetRig.StartReadingAsync(1, "--SmtpProxy:Fleet:AskTimeout=00:00:01");
        var proxy = fleet.Proxies[0];
        var other = await fleet.AddAsync(Pod, fleet.Reading());
        await fleet.JoinedAsync(2);
        foreach (var one in new[] { proxy, other })
        {
            await LiveProxy.TalkAsync(one, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "RSET");
        }

        await TmuxAsync("new-session", "-d", "-x", "80", "-y", "24", $"{Program} watch --fleet --admin {proxy.Admin}");
        // The end of a pod's name is what tells it from the others, and what happened is why people look.
        await SeesAsync("2 sessions", "node-0 ", "…b6c5d-x2x4z ", "client_hung_up", "h HALT", "q leave");
        var wide = (await ScreenAsync()).Split('\n').Where(static line => line.Length > 80).ToArray();
        Assert.Empty(wide);

        // A proxy that stands still holds up no key.
        other.Signal(19);
        await SeesAsync($"[not shown: {Pod}: timeout]", "h HALT", "q leave");
        await TmuxAsync("send-keys", "-t", ":0", "h");
        await SeesAsync("all faults are halted");
        await SeesAsync($"[gone: {Pod}]");
        await TmuxAsync("resize-window", "-t", ":0", "-x", "160", "-y", "10");
        await SeesAsync("h HALT faults", "messages  state");
        await TmuxAsync("resize-window", "-t", ":0", "-x", "50", "-y", "24");
        await SeesAsync("[gone: ", "h HALT  q leave");
        Assert.DoesNotContain((await ScreenAsync()).Split('\n'), static line => line.Length > 50);
        other.Signal(18);
        await UntilAsync(static screen => !screen.Contains("[gone: ", StringComparison.Ordinal), "the proxy is not back");

        // Nor does the one that is asked. Who waits for it is told after 30 seconds; a key is obeyed before.
        proxy.Signal(19);
        await TmuxAsync("send-keys", "-t", ":0", "p");
        await SeesAsync("[paused]");
        Assert.DoesNotContain("did not answer within", await ScreenAsync(), StringComparison.Ordinal);
        proxy.Signal(18);
        await TmuxAsync("send-keys", "-t", ":0", "q");
    }

    /// <summary>As <c>watch | head</c> is: whoever read has gone, and with them the program.</summary>
    [SkippableFact]
    public async Task Lines_WhenNobodyReadsThemAnyMore_End()
    {
        await using var fleet = await FleetRig.StartReadingAsync(1);
        var proxy = fleet.Proxies[0];
        foreach (var which in (string[])["", "--fleet", "--json"])
        {
            var piped = Command.SucceedAsync("bash", ["-c",
                $"{Program} watch {which} --admin {proxy.Admin} | head -n 1 | wc -l; echo \"ended ${{PIPESTATUS[0]}}\""]);
            await Eventually.Async(async () =>
            {
                await LiveProxy.TalkAsync(proxy, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>",
                    "RSET");
                return piped.IsCompleted;
            }, $"watch {which} goes on for nobody");
            Assert.Contains("ended 0", await piped, StringComparison.Ordinal);
        }
    }

    /// <summary>A proxy that is asked may itself go.</summary>
    [SkippableFact]
    public async Task Lines_OfAProxyThatGoes_SayThatItIsLost()
    {
        await using var fleet = await FleetRig.StartReadingAsync(2);
        var proxy = await fleet.OfAsync("node-0");
        await using var watch = ProxyProcess.Begin("watch", "--fleet", "--lines", "--admin", proxy.Admin.ToString());
        await Eventually.Async(async () =>
        {
            await LiveProxy.TalkAsync(proxy, "EHLO app.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "RSET");
            return watch.Output.SoFar.Any(static line => line.StartsWith("node-0 ", StringComparison.Ordinal));
        }, "no line is printed");
        proxy.Signal(9);
        await proxy.ExitAsync();
        await watch.Errors.AwaitAsync(static line =>
            line.StartsWith("smtpproxy: the proxy that is asked is lost: ", StringComparison.Ordinal));
        fleet.Proxies.Remove(proxy);
        await proxy.DisposeAsync();
        watch.Terminate();
        Assert.Equal(0, await watch.ExitAsync());
    }

    private Task SeesAsync(params string[] texts) => UntilAsync(
        screen => Array.TrueForAll(texts, text => screen.Contains(text, StringComparison.Ordinal)),
        $"not on the screen: {string.Join(" | ", texts)}");

    private async Task UntilAsync(Func<string, bool> isSo, string otherwise)
    {
        var screen = "";
        try
        {
            await Eventually.Async(async () => isSo(screen = await ScreenAsync()), otherwise);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{otherwise}\n{screen}", e);
        }
    }

    private Task<string> ScreenAsync() => TmuxAsync("capture-pane", "-J", "-p", "-t", ":0");

    private Task<string> TmuxAsync(params string[] arguments) =>
        Command.SucceedAsync("tmux", ["-L", _socket, "-f", "/dev/null", .. arguments]);
}
