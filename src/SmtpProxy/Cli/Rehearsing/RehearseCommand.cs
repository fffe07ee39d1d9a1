using System.CommandLine;
using System.Text;
using System.Text.Json;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Cli.Running;
using SmtpProxy.Cli.Watching;
using SmtpProxy.Configuration;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Observed;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary><c>rehearse</c>: faults, a client, and a verdict.</summary>
internal static class RehearseCommand
{
    private const int Wide = 110;
    private static readonly JsonSerializerOptions Indented = new(Json.Lines) { WriteIndented = true };

    /// <summary>Makes the command.</summary>
    /// <param name="build">Puts a proxy together.</param>
    public static Command Create(Func<ValidatedConfiguration, ProxyRun> build)
    {
        var options = new RehearseOptions();
        var command = new TaughtCommand("rehearse", "break mail on purpose, and judge what a client does about it", RehearseHelp.Text);
        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            try
            {
                var request = options.Read(parsed);
                if (request.IsSchema)
                {
                    await output.WriteLineAsync(RehearsalSchema.Create().ToJsonString(Indented)).ConfigureAwait(false);
                    return ExitCode.Good;
                }

                var plans = Plans(request);
                return request.IsCheck
                    ? await CheckedAsync(plans, output).ConfigureAwait(false)
                    : await RunAsync(request, plans, build, output, errors).ConfigureAwait(false);
            }
            catch (RehearsalRefusedException refused)
            {
                await TellAsync(errors, refused).ConfigureAwait(false);
                return ExitCode.Refused;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(RehearseRequest request, IReadOnlyList<RehearsalPlan> plans,
        Func<ValidatedConfiguration, ProxyRun> build, TextWriter output, TextWriter errors)
    {
        var (junit, markdown) = (new ReportFile("--junit", request.JUnit), new ReportFile("--markdown", request.Markdown));
        junit.Require();
        markdown.Require();
        using var signals = new SurvivedSignals();
        var (results, paint) = (new List<RehearsalResult>(), request.IsJson ? Paint.None : Paint.OfOutput());
        var told = new RehearsalProgress(request.IsJson ? errors : output, !Console.IsErrorRedirected, paint);
        foreach (var plan in plans)
        {
            told.Begin(plan);
            var result = await OneAsync(request, plan, build, told, errors).ConfigureAwait(false);
            results.Add(result);
            told.End(result, request.IsJson ? null : session => Waterfall(session, paint));
            if (request.IsJson)
            {
                await output.WriteLineAsync(JsonReport.Of(result).ToJsonString(Json.Lines)).ConfigureAwait(false);
            }

            if (RehearsalStage.IsInterrupted(result))
            {
                break;
            }
        }

        junit.Write(() => JUnitReport.Of(results, static session => Waterfall(session, Paint.None)));
        markdown.Write(() => MarkdownReport.Of(results, static session => Waterfall(session, Paint.None)));
        return results.Exists(RehearsalStage.IsInterrupted) ? ExitCode.Interrupted
            : results.Exists(static r => r.Verdict == RehearsalVerdict.Failed) ? ExitCode.ExpectationBroken
            : results.Exists(static r => r.Verdict == RehearsalVerdict.NotRun) ? ExitCode.Refused
            : ExitCode.Good;
    }

    /// <summary>One that cannot be run has no verdict; those after it are run all the same.</summary>
    private static async Task<RehearsalResult> OneAsync(RehearseRequest request, RehearsalPlan plan,
        Func<ValidatedConfiguration, ProxyRun> build, RehearsalProgress told, TextWriter errors)
    {
        try
        {
            return await RehearsalStage.RunAsync(request, plan, build, told).ConfigureAwait(false);
        }
        catch (RehearsalRefusedException refused)
        {
            await TellAsync(errors, refused).ConfigureAwait(false);
            return new RehearsalResult
                { Plan = plan, Verdict = RehearsalVerdict.NotRun, Reason = string.Join("; ", refused.Problems).ReplaceLineEndings(" ") };
        }
    }

    private static async Task TellAsync(TextWriter errors, RehearsalRefusedException refused)
    {
        await errors.WriteLineAsync("smtpproxy: the rehearsal cannot be run:").ConfigureAwait(false);
        foreach (var problem in refused.Problems)
        {
            await errors.WriteLineAsync($"  {Printable.Lines(problem)}").ConfigureAwait(false);
        }
    }

    private static async Task<int> CheckedAsync(IReadOnlyList<RehearsalPlan> plans, TextWriter output)
    {
        foreach (var plan in plans)
        {
            await output.WriteLineAsync(Printable.Of(
                $"{plan.File}: {plan.Name}: {plan.Rules.Count} rules, {plan.During.Count + plan.Before.Count + plan.After.Count} " +
                "expectations")).ConfigureAwait(false);
        }

        return ExitCode.Good;
    }

    /// <summary>All files are read before the first is run: a mistake in the last costs nobody the time of those before.</summary>
    private static List<RehearsalPlan> Plans(RehearseRequest request)
    {
        var (plans, problems) = (new List<RehearsalPlan>(), new List<string>());
        foreach (var file in request.Files)
        {
            try
            {
                var plan = RehearsalReader.Read(file, RehearsalReader.TextOf(file), request.Scale, out var wrong);
                problems.AddRange(wrong.Select(p => p.In(file)));
                if (plan is not null)
                {
                    plans.Add(plan);
                    problems.AddRange(request.IsCheck ? [] : Missing(plan, request));
                }
            }
            catch (DecoderFallbackException)
            {
                problems.Add($"{file}: is no UTF-8; save it in that encoding");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problems.Add(Directory.Exists(file) ? $"{file}: is a folder; name its files, such as {file.TrimEnd('/')}/*.rehearsal.yaml"
                    : File.Exists(file) ? $"{file}: {e.Message}" : $"{file}: there is no such file");
            }
        }

        return problems.Count == 0 ? plans : throw new RehearsalRefusedException(problems);
    }

    private static IEnumerable<string> Missing(RehearsalPlan plan, RehearseRequest request)
    {
        if (plan.Run is null && request.Client is null && !plan.IsLive)
        {
            yield return $"{plan.File}: no client; write --client 'COMMAND' with the command that sends mail to $REHEARSAL_SMTP, or " +
                $"traffic.run " +
                "in the file";
        }

        if (plan.IsLive && request.Admin is null)
        {
            yield return $"{plan.File}: traffic.live: there is no traffic in a proxy of its own; name one that runs in staging with " +
                $"--admin URL";
        }

        if (request.Admin is not null && (plan.Relays.Count > 0 || plan.HasTls))
        {
            yield return $"{plan.File}: relays and tls are for a proxy of its own; leave --admin out, or them";
        }
    }

    private static string Waterfall(SeenSession session, Paint paint) =>
        string.Join('\n', new SessionWaterfall(paint).Lines(session.Json, Wide));
}
