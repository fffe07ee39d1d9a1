using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>A running proxy after some mail: two messages that were accepted, one that was refused, and a health check.</summary>
public sealed class LiveProxy : IAsyncLifetime
{
    /// <summary>The proxy.</summary>
    public ProxyProcess Process { get; private set; } = null!;

    /// <summary>Asks its admin side.</summary>
    public HttpClient Http { get; } = new();

    /// <summary>The journal's lines.</summary>
    public IReadOnlyList<JsonElement> Journal { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Process = await ProxyProcess.StartAsync("--addresses", "full", "--SmtpProxy:Telemetry:ReadMessageId=true",
            "--SmtpProxy:Privacy:HashKey=0123456789abcdef-secret");
        Http.BaseAddress = Process.Admin;
        await TalkAsync(Process, "EHLO app1.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "DATA",
            "Message-ID: <one@test.example>\r\nSubject: x\r\n\r\nhi\r\n.", "QUIT");
        await TalkAsync(Process, "EHLO app2.test.example", "AUTH PLAIN AGFubmEAc2VjcmV0", "MAIL FROM:<me@test.example>",
            "RCPT TO:<you@test.example>", "DATA", "Subject: x\r\n\r\nhi\r\n.", "QUIT");
        await TalkAsync(Process, "EHLO app1.test.example", "MAIL FROM:<me@test.example>", "RCPT TO:<550@test.example>", "QUIT");
        await TalkAsync(Process, "EHLO balancer.test.example", "QUIT");
        // Sessions of several loops may be written in another order than they began; names sort by that.
        Journal = [.. (await Process.JournalAsync(4))
            .OrderBy(static line => line.GetProperty("session").GetString(), StringComparer.Ordinal)];
        await Eventually.Async(async () => (await GetAsync("/api/v1/sessions?live=false")).GetProperty("sessions").GetArrayLength() == 4,
            "the sessions are not kept");
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
    }

    /// <summary>The answer of a path.</summary>
    internal async Task<JsonElement> GetAsync(string path) => JsonElement.Parse(await Http.GetStringAsync(new Uri(path, UriKind.Relative)));

    internal static async Task TalkAsync(ProxyProcess proxy, params string[] lines)
    {
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            foreach (var line in lines)
            {
                await client.SayAsync(line);
            }
        }
    }
}
