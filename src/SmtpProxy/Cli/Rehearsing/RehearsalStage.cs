using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;
using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>Brings together a rehearsal, a proxy and a client.</summary>
internal static class RehearsalStage
{
    /// <summary>Why a rehearsal that somebody ended has no verdict.</summary>
    public const string Interrupted = "it was interrupted";

    /// <summary>Whether somebody ended it.</summary>
    public static bool IsInterrupted(RehearsalResult result) =>
        result.Reason?.StartsWith(Interrupted, StringComparison.Ordinal) ?? false;

    /// <summary>Runs one.</summary>
    public static async Task<RehearsalResult> RunAsync(RehearseRequest request, RehearsalPlan plan,
        Func<ValidatedConfiguration, ProxyRun> build, RehearsalProgress told)
    {
        RehearsalResult? result = null;
        if (request.Admin is { } admin)
        {
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            }

            using var api = new ProxyApi(admin, request.Token);
            await StagingProxy.RequireAsync(api, admin).ConfigureAwait(false);
            var (host, port) = request.Smtp ?? (plan.IsLive ? ("", 0)
                : await StagingProxy.ListenerAsync(api, admin, plan.Listeners).ConfigureAwait(false));
            return await RunAsync(request, plan, api, new RehearsalPlace(host, port, null), told, stop.Token).ConfigureAwait(false);
        }

        await OwnProxy.RunAsync(plan, build, async (url, place, stopping) =>
        {
            using var api = new ProxyApi(url, null);
            result = await RunAsync(request, plan, api, place, told, stopping).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return result ?? new RehearsalResult { Plan = plan, Verdict = RehearsalVerdict.NotRun, Reason = Interrupted };
    }

    private static IEnumerable<string> Remedies(string problem, string? left)
    {
        if (problem.Contains("SmtpProxy:Faults:MaxTtl", StringComparison.Ordinal))
        {
            yield return "the rules of a rehearsal live a minute longer than its member for; make for shorter, or allow more there";
        }

        if (left is not null)
        {
            yield return left;
        }
    }

    private static async Task<RehearsalResult> RunAsync(RehearseRequest request, RehearsalPlan plan, ProxyApi api, RehearsalPlace place,
        RehearsalProgress told, CancellationToken stop)
    {
        var command = request.Client is { } own ? [own] : plan.Run;
        var run = new RehearsalRun(plan, api, plan.IsLive && request.Client is null ? null : new CommandClient(command!, plan, place),
            TimeProvider.System);
        run.Progress += told.Saw;
        try
        {
            return await run.RunAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or FaultsRefusedException or InvalidOperationException or JsonException
            or TaskCanceledException)
        {
            throw new RehearsalRefusedException([$"{plan.File}: {e.Message}", .. Remedies(e.Message, run.Left)]);
        }
    }
}
