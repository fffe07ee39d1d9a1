using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>Senders of small messages at an even rate, whose sessions are timed as a whole.</summary>
/// <param name="proxy">Where to.</param>
/// <param name="rate">Sessions a second.</param>
internal sealed class HonestSenders(IPEndPoint proxy, double rate)
{
    private long _next;

    /// <summary>What came of a while.</summary>
    /// <param name="Median">Milliseconds of a session.</param>
    /// <param name="Worst">The 99th percentile.</param>
    /// <param name="Failed">Sessions whose mail was not accepted.</param>
    /// <param name="Sessions">All of them.</param>
    internal readonly record struct Result(double Median, double Worst, int Failed, int Sessions);

    /// <summary>The 99th percentile.</summary>
    /// <param name="sorted">The least first.</param>
    public static double At99(double[] sorted) => sorted.Length == 0 ? double.NaN : sorted[sorted.Length * 99 / 100];

    /// <summary>Sends for a while.</summary>
    public async Task<Result> RunAsync(TimeSpan time)
    {
        var (taken, failed, running, clock) = (new ConcurrentBag<double>(), 0, new List<Task>(), Stopwatch.StartNew());
        for (var n = 0; clock.Elapsed < time; n++)
        {
            running.Add(OneAsync());
            var due = TimeSpan.FromSeconds((n + 1) / rate) - clock.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        var sorted = taken.Order().ToArray();
        return new Result(sorted[sorted.Length / 2], At99(sorted), failed, sorted.Length);

        async Task OneAsync()
        {
            // A number that no relay refuses.
            var number = Interlocked.Increment(ref _next) * 41 * 37;
            var began = Stopwatch.GetTimestamp();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await Sender.SendAsync(proxy, [new Mail(number, 2000)], number % 4 == 0, isPipelined: false, (_, verdict) =>
            {
                if (verdict != Verdict.Accepted)
                {
                    Interlocked.Increment(ref failed);
                }
            }, patience.Token).ConfigureAwait(false);
            taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }
}
