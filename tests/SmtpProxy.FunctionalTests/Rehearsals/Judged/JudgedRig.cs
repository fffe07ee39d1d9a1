using System.Text.Json.Nodes;
using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.FunctionalTests.Faults.Clients;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>All known behaviours at once: one proxy with a listener for each, and both mail servers.</summary>
internal sealed class JudgedRig : IAsyncDisposable
{
    /// <summary>A minute lasts 0.6 s; so do the clients' own.</summary>
    public const double Scale = 0.01;

    private readonly TestCertificates _certificates = new();
    private readonly RelayStand _relays = new();
    private readonly string[] _names;
    private ProxyProcess? _proxy;
    private PostfixSender? _postfix;
    private EximSender? _exim;

    public JudgedRig() => _names = [.. KnownBehaviours.All.Index().Select(static k => $"row{k.Index}")];

    /// <summary>Skips the test where a client is missing.</summary>
    public async Task StartAsync()
    {
        PeerTool.Require("swaks");
        PeerTool.Require("python3");
        PeerTool.RequireUnpacked("node/node_modules/nodemailer");
        await _relays.OpenAsync([new PlannedRelay("relay", "", IsAway: false)]);
        _proxy = await ProxyProcess.StartPlainAsync(static _ => { },
            new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Test" },
            [
                .. _names.SelectMany((name, n) => (string[])
                [
                    $"--SmtpProxy:Listeners:{name}:Address=127.0.0.1:0", $"--SmtpProxy:Listeners:{name}:Cluster=relays",
                    .. PlanOf(KnownBehaviours.All[n], 1).HasTls
                        ? [$"--SmtpProxy:Listeners:{name}:Tls:Mode=StartTls", .. _certificates.Good().Arguments(name)]
                        : (string[])[$"--SmtpProxy:Listeners:{name}:Tls:Mode=None"],
                ]),
                $"--ReverseProxy:Clusters:relays:Destinations:relay:Address=smtp://{_relays.Addresses["relay"]}",
                "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None", "--ReverseProxy:Clusters:relays:Metadata:Smtp.AskAtStart=false",
                "--SmtpProxy:Sink:Enabled=false", "--SmtpProxy:Faults:Enabled=true", "--SmtpProxy:Faults:AutoHaltRatio=1",
                "--SmtpProxy:Privacy:Addresses=full", "--SmtpProxy:Telemetry:ReadMessageId=true",
            ]);
        _postfix = new PostfixSender(Hops("Postfix"), tls: "may");
        _exim = new EximSender(Hops("Exim"));
        _postfix.Require();
        _exim.Require();
        await Task.WhenAll(_postfix.InitializeAsync(), _exim.InitializeAsync());
        _postfix.Require();
        _exim.Require();
    }

    /// <summary>Rehearses each with its client, and all at once.</summary>
    public async Task<RehearsalResult[]> RunAsync()
    {
        using var api = new ProxyApi(_proxy!.Admin, null);
        return await Task.WhenAll(KnownBehaviours.All.Select(async (known, n) =>
        {
            var name = _names[n];
            var plan = PlanOf(known, Scale);
            // What a queue does is seen by its own log, and how long it takes on a busy machine is no matter.
            plan = plan with
            {
                Queues = false,
                Longest = ProxyProcess.Patience,
                Listeners = [name],
                Rules = [.. plan.Rules.Select(rule => KeyValuePair.Create($"{rule.Key}.{name}", Only(rule.Value, name)))],
            };
            return await new RehearsalRun(plan, new OwnListenerApi(api), Client(known, name), TimeProvider.System)
                .RunAsync(CancellationToken.None);
        }));
    }

    /// <summary>The rehearsal, its times multiplied.</summary>
    public static RehearsalPlan PlanOf(KnownBehaviour known, double scale)
    {
        var file = Path.Combine(SourceFolder.Root, "docs", "rehearsals", $"{known.Rehearsal}.rehearsal.yaml");
        return RehearsalReader.Read(file, File.ReadAllText(file), scale, out _)!;
    }

    public async ValueTask DisposeAsync()
    {
        await (_postfix?.DisposeAsync() ?? Task.CompletedTask);
        await (_exim?.DisposeAsync() ?? Task.CompletedTask);
        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _relays.DisposeAsync();
        _certificates.Dispose();
    }

    private IRehearsedClient Client(KnownBehaviour known, string name)
    {
        var port = _proxy!.Listener(name).Port;
        return known.Client switch
        {
            "Postfix" => new QueueingClient(_postfix!, $"{name}.example", known.Octets),
            "Exim" => new QueueingClient(_exim!, $"{name}.example", known.Octets),
            "swaks" => new SwaksClient(known, port),
            "smtplib" => new LibraryClient(ScriptedSender.Smtplib, known, port, Scale),
            "nodemailer" => new LibraryClient(ScriptedSender.Nodemailer, known, port, Scale),
            "MailKit" => new LibraryClient(static () => new MailKitSender(), known, port, Scale),
            _ => new LibraryClient(static () => new SystemNetMailSender(), known, port, Scale),
        };
    }

    private Dictionary<string, int> Hops(string client) => KnownBehaviours.All.Zip(_names).Where(row => row.First.Client == client)
        .ToDictionary(static row => $"{row.Second}.example", row => _proxy!.Listener(row.Second).Port);

    private static JsonObject Only(JsonObject rule, string listener)
    {
        var copy = (JsonObject)rule.DeepClone();
        var match = copy["match"] as JsonObject ?? [];
        match["listener"] = listener;
        copy["match"] = match.Parent is null ? match : match.DeepClone();
        return copy;
    }
}
