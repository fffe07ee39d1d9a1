using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Inspection;
using SmtpProxy.Inspection.Card;
using SmtpProxy.Transport;

namespace SmtpProxy.Cli.Probing;

/// <summary><c>probe</c>: a dialogue with any mail server up to 354, as a waterfall.</summary>
internal static class ProbeCommand
{
    private const int Narrowest = 80;
    private const int WhenRedirected = 120;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var options = new ProbeOptions();
        var command = new TaughtCommand("probe", "go through a dialogue with any mail server, and see where the time goes", ProbeHelp.Text);
        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            void Stop(PosixSignalContext signal)
            {
                // The first ends it with its statistics, the second at once.
                signal.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            }

            return await (options.IsScore(parsed) ? ScoreAsync(parsed, options, stop.Token) : RepeatAsync(parsed, options, stop.Token))
                .ConfigureAwait(false);
        });
        return command;
    }

    private static Walk NewWalk() => new(OutgoingStream.ConnectAsync, Dns.GetHostAddressesAsync, TimeProvider.System);

    private static async Task<int> ScoreAsync(ParseResult parsed, ProbeOptions options, CancellationToken stop)
    {
        var output = parsed.InvocationConfiguration.Output;
        var plan = options.Read(parsed);
        var isShown = !Console.IsErrorRedirected;
        ReportCard card;
        try
        {
            card = await ReportCard.RunAsync(
                NewWalk(), way => new Examination(OutgoingStream.ConnectAsync, way.Address!, plan, TimeProvider.System), plan,
                name => Show($"\r\x1b[Klooking at {name}"), stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            Show("\r\x1b[K");
        }

        if (card.Entries.Count == 0)
        {
            await output.WriteAsync(options.IsJson(parsed)
                ? Json.Line(ProbeJson.Of(card.Walk)) : new WaterfallText(Paint.OfOutput(), Columns()).Of(card.Walk))
                .ConfigureAwait(false);
            return card.Walk.IsTransient ? ExitCode.PutOff : ExitCode.RelayAmiss;
        }

        await output.WriteAsync(options.IsJson(parsed)
            ? Json.Line(CardText.Json(card)) : new CardText(Paint.OfOutput(), Columns()).Of(card))
            .ConfigureAwait(false);
        return card.Entries.Any(static e => e.Mark == Mark.Wrong) ? ExitCode.RelayAmiss : ExitCode.Good;

        void Show(string progress)
        {
            if (isShown)
            {
                Console.Error.Write(progress);
            }
        }
    }

    private static async Task<int> RepeatAsync(ParseResult parsed, ProbeOptions options, CancellationToken stop)
    {
        var output = parsed.InvocationConfiguration.Output;
        var (plan, times, isJson) = (options.Read(parsed), options.Times(parsed), options.IsJson(parsed));
        var walk = NewWalk();
        var (text, statistics, worst) = (new WaterfallText(Paint.OfOutput(), Columns()), new ProbeStatistics(), ExitCode.Good);
        try
        {
            await Rehearsal.RunAsync(plan, OutgoingStream.ConnectAsync, Dns.GetHostAddressesAsync, stop).ConfigureAwait(false);
            for (var n = 0; times == 0 || n < times; n++)
            {
                if (n > 0)
                {
                    await Task.Delay(options.Interval(parsed), stop).ConfigureAwait(false);
                }

                var result = await walk.RunAsync(plan, stop).ConfigureAwait(false);
                statistics.Add(result);
                worst = Worse(worst, result.IsGood ? ExitCode.Good : result.IsTransient ? ExitCode.PutOff : ExitCode.RelayAmiss);
                await output.WriteAsync(isJson
                    ? Json.Line(ProbeJson.Of(result)) : text.Of(result) + (times == 1 ? "" : "\n"))
                    .ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is known by now is told.
        }

        if (times != 1 && statistics.Count > 0)
        {
            await output.WriteAsync(isJson ? Json.Line(statistics.Json()) : statistics.Text()).ConfigureAwait(false);
        }

        return statistics.Count == 0 ? ExitCode.Interrupted : worst;
    }

    /// <summary>For good is worse than for now.</summary>
    private static int Worse(int one, int other) =>
        one == ExitCode.RelayAmiss || other == ExitCode.RelayAmiss ? ExitCode.RelayAmiss : Math.Max(one, other);

    private static int Columns()
    {
        try
        {
            return Console.IsOutputRedirected ? WhenRedirected : Math.Max(Narrowest, Console.WindowWidth);
        }
        catch (IOException)
        {
            return WhenRedirected;
        }
    }
}
