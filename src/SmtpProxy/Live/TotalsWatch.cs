using System.Diagnostics;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Live;

/// <summary>Looks at the counters every few seconds, so that it is known what happened lately. Thread-safe.</summary>
internal sealed class TotalsWatch(Instruments instruments, OpenSessions sessions, TimeProvider time) : BackgroundService
{
    /// <summary>From one look to the next.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>How far back <see cref="Lately"/> looks.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    /// <summary>When the process began to count.</summary>
    public DateTimeOffset Started { get; } = time.GetUtcNow();

    private const int MostPoints = 120;
    private readonly Lock _lock = new();
    private readonly Queue<Totals> _window = new([Totals.Of(instruments, Stopwatch.GetTimestamp())]);
    private readonly Queue<RatePoint> _points = new();
    private Totals? _last;

    /// <summary>The counters now, what happened in the window, and how many seconds that is.</summary>
    public (Totals Now, Totals Lately, double Seconds) Lately()
    {
        var now = Totals.Of(instruments, Stopwatch.GetTimestamp());
        lock (_lock)
        {
            var before = _window.Peek();
            return (now, now.Since(before), Math.Max(0.001, Stopwatch.GetElapsedTime(before.At, now.At).TotalSeconds));
        }
    }

    /// <summary>The last ten minutes, the first first.</summary>
    public IReadOnlyList<RatePoint> History()
    {
        lock (_lock)
        {
            return [.. _points];
        }
    }

    /// <summary>Looks now.</summary>
    public void Look()
    {
        var now = Totals.Of(instruments, Stopwatch.GetTimestamp());
        lock (_lock)
        {
            var before = _last ?? _window.Peek();
            var (step, seconds) = (now.Since(before), Math.Max(0.001, Stopwatch.GetElapsedTime(before.At, now.At).TotalSeconds));
            _points.Enqueue(new RatePoint(
                time.GetUtcNow().ToUnixTimeSeconds(),
                Math.Round(step.Messages[(int)Verdict.Accepted] / seconds, 3),
                Math.Round(step.Refusals.Values.Sum() / seconds, 3),
                Math.Round(step.Sessions / seconds, 3),
                sessions.Count,
                step.TimesOf(Latencies.DataReady).P95Ms,
                step.TimesOf((int)Protocol.Commands.Operation.EndOfData).P95Ms));
            _last = now;
            _window.Enqueue(now);
            while (_points.Count > MostPoints)
            {
                _points.Dequeue();
            }

            // The first of them is what the window begins with.
            while (_window.Count > 1 + (int)(Window / Step))
            {
                _window.Dequeue();
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Step, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Where the start of another part fails the host takes this for a failure of ours, and would log it over the real one.
        }
    }
}

/// <summary>What happened in a few seconds.</summary>
/// <param name="Unix">When they were over, Unix time.</param>
/// <param name="MessagesPerS">Accepted messages a second.</param>
/// <param name="RefusalsPerS">Refusals a second.</param>
/// <param name="SessionsPerS">Sessions that ended a second.</param>
/// <param name="SessionsOpen">Sessions that were open.</param>
/// <param name="DataReadyP95Ms">From 220 to 354; null: there was none.</param>
/// <param name="EndOfDataP95Ms">From the end of data to its reply.</param>
internal sealed record RatePoint(
    long Unix, double MessagesPerS, double RefusalsPerS, double SessionsPerS, long SessionsOpen, double? DataReadyP95Ms,
    double? EndOfDataP95Ms);
