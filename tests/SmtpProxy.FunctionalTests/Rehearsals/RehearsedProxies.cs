using System.Net;
using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary>One proxy for all rehearsals of a class: with TLS of its own at one listener, three relays behind another.</summary>
#pragma warning disable CA1001 // xunit calls DisposeAsync of IAsyncLifetime.
public sealed class RehearsedProxies : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly TestCertificates _made = new();
    private readonly RelayStand _relays = new();

    public ProxyProcess Process { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _relays.OpenAsync([.. Enumerable.Range(1, 3).Select(static n => new PlannedRelay($"relay-{n}", "", IsAway: false))]);
        Process = await ProxyProcess.StartPlainAsync(static _ => { },
            new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Staging" },
            ["--SmtpProxy:Listeners:plain:Address=127.0.0.1:0", "--SmtpProxy:Listeners:plain:Cluster=single",
                "--SmtpProxy:Listeners:plain:Tls:Mode=None", "--SmtpProxy:Listeners:three:Address=127.0.0.1:0",
                "--SmtpProxy:Listeners:three:Cluster=relays", "--SmtpProxy:Listeners:three:Tls:Mode=None",
                $"--ReverseProxy:Clusters:single:Destinations:relay-1:Address=smtp://{_relays.Addresses["relay-1"]}",
                "--ReverseProxy:Clusters:single:Metadata:Smtp.Tls=None", "--ReverseProxy:Clusters:single:Metadata:Smtp.AskAtStart=false",
                "--SmtpProxy:Listeners:secured:Address=127.0.0.1:0", "--SmtpProxy:Listeners:secured:Cluster=single",
                "--SmtpProxy:Listeners:secured:Tls:Mode=StartTls", .. _made.Good().Arguments("secured"),
                "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None", "--ReverseProxy:Clusters:relays:Metadata:Smtp.AskAtStart=false",
                // A class has a client that never pauses: of what it does all is to be seen.
                "--SmtpProxy:Sink:Enabled=false", "--SmtpProxy:Live:MaxPerSecond=10000",
                .. _relays.Addresses.Select(static r => $"--ReverseProxy:Clusters:relays:Destinations:{r.Key}:Address=smtp://{r.Value}"),
                "--SmtpProxy:Faults:Enabled=true", "--SmtpProxy:Faults:AllowDuplicateRisk=true", "--SmtpProxy:Faults:MaxTtl=12:00:00",
                "--SmtpProxy:Faults:AutoHaltRatio=1", "--SmtpProxy:Privacy:Addresses=full", "--SmtpProxy:Telemetry:ReadMessageId=true"]);
    }

    /// <summary>Where clients connect.</summary>
    internal IPEndPoint Listener(string name) => Process.Listener(name);

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        await _relays.DisposeAsync();
        _made.Dispose();
    }
}
