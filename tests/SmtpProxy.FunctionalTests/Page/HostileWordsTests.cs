using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Page;

/// <summary>Clients and relays choose what they say. Wherever it is shown it is text: no markup, no script, no control sequence, no turn of
/// the direction in which a line is read; and where nothing of it belongs, there is nothing of it.</summary>
public sealed class HostileWordsTests : IAsyncLifetime
{
    /// <summary>Markup, an event, a control sequence, and U+202E in UTF-8, octet by octet.</summary>
    internal const string Hostile = "<b class=pwn>x</b><img src=x onerror=pwn()>\x1b]0;pwn\x07\u00e2\u0080\u00ae";

    private ProxyProcess _proxy = null!;

    private HostileRelay Relay { get; } = new(Hostile);

    private HttpClient Http { get; } = new();

    public async Task InitializeAsync()
    {
        _proxy = await ProxyProcess.StartAsync(
            "--relay", Relay.Address, "--addresses", "full", "--SmtpProxy:Telemetry:ReadMessageId=true", "--faults", "--messages",
            "--journal", Path.Combine(Path.GetTempPath(), $"smtpproxy-{Guid.NewGuid():N}.jsonl"),
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--SmtpProxy:Listeners:inbound:Cluster=relays",
            "--SmtpProxy:Listeners:inbound:Tls:Mode=None", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=Opportunistic",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsVerify=None", "--ReverseProxy:Clusters:relays:Metadata:Smtp.AskAtStart=true");
        Http.BaseAddress = _proxy.Admin;
        foreach (var recipient in (string[])["yes", "no"])
        {
            string[] message = recipient == "no" ? []
                : ["DATA", $"Message-ID: <{Hostile}@x.test>\r\nSubject: {Hostile}\r\n\r\n{Hostile}\r\n."];
            await TalkAsync([$"EHLO {Hostile}", $"<B/CLASS=PWN>{Hostile}", $"AUTH {Hostile}",
                $"MAIL FROM:<\"{Hostile}\"@x.test> X={Hostile}", $"RCPT TO:<{recipient}{Hostile}@x.test>", .. message, "QUIT"]);
        }

        await TalkAsync($"GET /{Hostile} HTTP/1.1", "QUIT");
        await Eventually.Async(async () => (await GetAsync("/api/v1/sessions?live=false")).GetProperty("sessions").GetArrayLength() == 3,
            "the sessions are not kept");
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _proxy.DisposeAsync();
        await Relay.DisposeAsync();
    }

    [SkippableFact]
    public async Task Page_OfAnythingThatWasSaid_ShowsItAsText()
    {
        var (node, chromium) = (PeerTool.Require("node"), PeerTool.Require("chromium"));
        var modules = PeerTool.RequireUnpacked("browser/node_modules");
        using var halted = await Http.PostAsJsonAsync(new Uri("/api/v1/faults/halt", UriKind.Relative), new { reason = Utf8(Hostile) });
        halted.EnsureSuccessStatusCode();
        var script = Path.Combine(AppContext.BaseDirectory, "Page", "hostile.cjs");
        await Command.SucceedAsync(node, [script, modules, chromium, _proxy.Admin.ToString().TrimEnd('/'), Utf8(Hostile)]);
    }

    [Fact]
    public async Task Terminal_OfAnythingThatWasSaid_GetsNoControlSequence()
    {
        await Eventually.Async(() => _proxy.Output.Text.Contains("✗ ", StringComparison.Ordinal)
            && _proxy.Output.Text.Contains("✓ ", StringComparison.Ordinal), "the lines of the messages are missing");
        AssertPrintable("run", _proxy.Output.Text + _proxy.Errors.Text);
        var admin = _proxy.Admin.ToString();
        foreach (var command in (string[][])
            [
                ["clients", "--admin", admin], ["clients", "--csv", "--admin", admin], ["clients", "--json", "--admin", admin],
                ["faults", "list", "--admin", admin], ["probe", Relay.Address], ["probe", Relay.Address, "--starttls"],
                ["probe", Relay.Address, "--json"], ["probe", Relay.Address, "--score"],
                ["check", "--ask", "--relay", Relay.Address],
                ["code", Hostile], ["code", $"550 5.1.1 {Hostile}"], ["watch", "--admin", Hostile],
            ])
        {
            var (_, output, errors) = await ProxyProcess.RunAsync(command);
            Assert.NotEmpty(output + errors);
            AssertPrintable(string.Join(' ', command), output + errors);
        }
    }

    [Fact]
    public async Task Answers_ThatHoldNothingThatWasSaid_HaveNothingOfIt()
    {
        foreach (var session in (await GetAsync("/api/v1/sessions")).GetProperty("sessions").EnumerateArray())
        {
            var ticket = await Http.GetStringAsync(new Uri($"/api/v1/sessions/{session.GetProperty("session").GetString()}?format=text",
                UriKind.Relative));
            Assert.DoesNotContain("pwn", ticket, StringComparison.OrdinalIgnoreCase);
            AssertPrintable("ticket", ticket);
        }

        foreach (var path in (string[])["/metrics", "/api/v1/clients?format=csv", "/api/v1/clients", "/api/v1/now", "/readyz"])
        {
            using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.DoesNotContain("pwn", answer.Headers + await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        }
    }

    private static void AssertPrintable(string what, string text)
    {
        var odd = text.Where(static c => (char.IsControl(c) && c is not ('\n' or '\r')) || c is '\u202e').Select(static c => (int)c)
            .ToArray();
        Assert.True(odd.Length == 0, $"{what} prints {string.Join(' ', odd)}:\n{text}");
    }

    internal static string Utf8(string octets) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(octets));

    private async Task<JsonElement> GetAsync(string path) => JsonElement.Parse(await Http.GetStringAsync(new Uri(path, UriKind.Relative)));

    private async Task TalkAsync(params string[] lines)
    {
        var (client, _) = await MailClient.ConnectAsync(_proxy.Listener());
        using (client)
        {
            foreach (var line in lines)
            {
                await client.SayAsync(line);
            }
        }
    }
}
