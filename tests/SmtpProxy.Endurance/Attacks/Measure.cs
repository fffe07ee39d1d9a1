using System.Globalization;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>Honest senders for a while, and what it was like for them.</summary>
/// <param name="proxy">The proxy.</param>
/// <param name="senders">They.</param>
/// <param name="journal">Its journal.</param>
internal sealed class Measure(ProxyUnderLoad proxy, HonestSenders senders, string journal)
{
    private readonly OwnTime _own = new(journal, "honest");

    /// <summary>What it was like.</summary>
    /// <param name="Whole">As the senders' clocks have it.</param>
    /// <param name="Own">The 99th percentile of what the proxy itself took of a session, in milliseconds.</param>
    /// <param name="Waits">Of the time for which its threads could have run, how much they waited for a processor: what others on this
    /// machine add to its own time.</param>
    internal readonly record struct Result(HonestSenders.Result Whole, double Own, double Waits);

    /// <summary>Sends for so many seconds.</summary>
    /// <param name="seconds">How many.</param>
    /// <param name="stop">Cancelled when the last sender is done; the journal comes after that.</param>
    public async Task<Result> ForAsync(double seconds, CancellationTokenSource? stop = null)
    {
        var before = Scheduled();
        var whole = await senders.RunAsync(TimeSpan.FromSeconds(seconds)).ConfigureAwait(false);
        var after = Scheduled();
        await (stop?.CancelAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        // Only of threads that are still there: one that has ended takes its figures with it.
        var (ran, waited) = after.Aggregate((Ran: 0.0, Waited: 0.0), (sum, thread) => before.TryGetValue(thread.Key, out var old)
            ? (sum.Ran + thread.Value.Ran - old.Ran, sum.Waited + thread.Value.Waited - old.Waited)
            : (sum.Ran + thread.Value.Ran, sum.Waited + thread.Value.Waited));
        var own = await _own.OfAsync(whole.Sessions).ConfigureAwait(false);
        return new Result(whole, HonestSenders.At99(own), waited / Math.Max(1, ran + waited));
    }

    /// <summary>Of each of its threads: nanoseconds on a processor, and waiting for one.</summary>
    private Dictionary<string, (double Ran, double Waited)> Scheduled()
    {
        var threads = new Dictionary<string, (double, double)>();
        foreach (var thread in Directory.GetDirectories($"/proc/{proxy.Id}/task"))
        {
            try
            {
                var all = File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ');
                threads[thread] = (double.Parse(all[0], CultureInfo.InvariantCulture), double.Parse(all[1], CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return threads;
    }
}
