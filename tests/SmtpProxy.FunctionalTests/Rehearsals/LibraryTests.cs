using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary>Each rehearsal of docs/rehearsals, with a client that does right and one that does wrong. A minute lasts 60 ms, or somewhat
/// more.</summary>
public sealed class LibraryTests(RehearsedProxies proxies) : IClassFixture<RehearsedProxies>
{
    private const double Scale = 0.001;

    /// <summary>Where 60 ms are too short for a minute: a machine that is busy takes longer to say MAIL, or to tell a client that its
    /// patience is over, and then the reply that it does not wait for is there first.</summary>
    private static readonly Dictionary<string, double> Scales = new()
    {
        ["queue-full"] = 0.05,
        ["slow-banner"] = 0.01,
        ["banner-drip"] = 0.01,
        ["slow-data"] = 0.01,
    };

    /// <summary>The right way and the wrong one, by the rehearsal's name.</summary>
    private static readonly Dictionary<string, (Manner Right, Manner Wrong)> Manners = new()
    {
        ["slow-banner"] = (new(), new() { PatienceMs = 5, Tries = 2, PauseMs = 10 }),
        ["banner-drip"] = (new() { PatienceMs = 200, Tries = 1 }, new()),
        ["greylist"] = (new(), new() { Tries = 1 }),
        ["connection-limit"] = (new() { Messages = 7 }, new() { Messages = 7, Idle = 6, PatienceMs = 2000, Tries = 1 }),
        ["queue-full"] = (new() { PauseMs = 2000 }, new() { PauseMs = 0, Tries = 40 }),
        ["partial-recipients"] = (new() { Recipients = 2 }, new() { Recipients = 2, RepeatsRefused = true, Tries = 2, PauseMs = 0 }),
        ["tls-unavailable"] = (new() { Tls = "must" }, new() { Tls = "may" }),
        ["starttls-stripped"] = (new() { Tls = "must", Tries = 2 }, new() { Tls = "may" }),
        ["tls-expired"] = (new() { Tls = "must", Tries = 2 }, new() { Tls = "must", Trusts = true }),
        ["reset-mid-data"] = (new() { Octets = 20_000 }, new() { Octets = 20_000, Tries = 1 }),
        ["ack-lost"] = (new(), new() { NewMessageId = true }),
        ["rolling-restart"] = (new() { Messages = 2, ThinkMs = 150 }, new() { Messages = 2, ThinkMs = 150, Tries = 1 }),
        ["broken-replies"] = (new() { Messages = 4 }, new() { Messages = 4, Tries = 1 }),
        ["slow-data"] = (new(), new() { EndPatienceMs = 60, Tries = 3, PauseMs = 60 }),
        ["dns-dead"] = (new(), new() { Tries = 2 }),
        ["one-of-three-dead"] = (new() { Messages = 4 }, new() { Messages = 3 }),
        ["storm-421"] = (new(), new() { PauseMs = 0, Tries = 30 }),
    };

    private static string Folder => Path.Combine(SourceFolder.Root, "docs", "rehearsals");

    public static TheoryData<string> All => [.. Directory.GetFiles(Folder, "*.rehearsal.yaml").Select(static f => Path.GetFileName(f)
        .Split('.')[0]).Order()];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Rehearsal_WithAClientThatDoesRight_Passes(string name)
    {
        var result = await RunAsync(name, Manners[name].Right);
        Assert.True(result.Verdict == RehearsalVerdict.Passed, Said(result));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Rehearsal_WithAClientThatDoesWrong_Fails(string name)
    {
        var result = await RunAsync(name, Manners[name].Wrong);
        Assert.True(result.Verdict == RehearsalVerdict.Failed, Said(result));
        Assert.NotNull(result.Deciding);
    }

    private async Task<RehearsalResult> RunAsync(string name, Manner manner)
    {
        var file = Path.Combine(Folder, $"{name}.rehearsal.yaml");
        var plan = RehearsalReader.Read(file, await File.ReadAllTextAsync(file), Scales.GetValueOrDefault(name, Scale), out var problems);
        Assert.Empty(problems);
        var listener = plan!.HasTls ? "secured" : plan.Relays.Count > 0 ? "three" : "plain";
        // A scripted client has no queue that goes on without it; and how long one runs on a busy machine is no matter.
        plan = plan with { Queues = false, Longest = ProxyProcess.Patience, Listeners = [listener] };
        using var api = new ProxyApi(proxies.Process.Admin, null);
        await api.PostAsync("faults/reset", []);
        return await new RehearsalRun(plan, api, new ScriptedMailer(proxies.Listener(listener), manner), TimeProvider.System)
            .RunAsync(CancellationToken.None);
    }

    private static string Said(RehearsalResult result) => string.Join('\n',
    [
        $"{result.Verdict} {result.Reason}",
        .. result.Phases.SelectMany(static p => p.Judged)
        .Select(static j => $"{j.Judgement.IsHeld} {j.Expectation.Text}: {j.Judgement.Why}"),
        .. result.Phases.SelectMany(static p => ClientStory.Lines(p.Seen)),
        .. result.Phases.SelectMany(static p => p.Seen.Sessions).Take(4).Select(static s => s.Json.GetRawText()),
    ]);
}
