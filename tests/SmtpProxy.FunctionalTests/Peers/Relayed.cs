using System.Text.Json;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>A mail server and a proxy before it, for a class of tests that run one after another.</summary>
public sealed class Relayed<TServer> : IAsyncLifetime
    where TServer : MailServer, new()
{
    private ProxyProcess? _proxy;
    private int _sessions;

    /// <summary>The relay.</summary>
    public TServer Server { get; } = new();

    /// <summary>The proxy.</summary>
    public ProxyProcess Proxy => _proxy!;

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        _proxy = await ProxyProcess.StartAsync("--relay", $"smtp://127.0.0.1:{Server.Port}", "--addresses", "full",
            "--SmtpProxy:Listeners:inbound:XClientFrom=127.0.0.0/8");
    }

    public async Task DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>The journal's record of the next session that ends.</summary>
    public async Task<JsonElement> NextRecordAsync() => (await Proxy.JournalAsync(++_sessions))[_sessions - 1];
}
