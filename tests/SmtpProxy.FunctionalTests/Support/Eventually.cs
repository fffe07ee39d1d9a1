using System.Diagnostics;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Waits for what will come in its own time, where there is no event to wait for.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250), Soon = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again until it holds, and fails when patience is over.</summary>
    public static Task Async(Func<bool> holds, string otherwise) => Async(() => Task.FromResult(holds()), otherwise, static () => 0, Soon);

    /// <summary>Asks again and again until it holds, and fails when patience is over.</summary>
    public static Task Async(Func<Task<bool>> holds, string otherwise) => Async(holds, otherwise, static () => 0);

    /// <summary>Asks again and again until it holds, and fails when patience is over since <paramref name="done"/> last changed: for what
    /// takes as long as the machine needs.</summary>
    public static Task Async(Func<Task<bool>> holds, string otherwise, Func<long> done) => Async(holds, otherwise, done, Beat);

    private static async Task Async(Func<Task<bool>> holds, string otherwise, Func<long> done, TimeSpan beat)
    {
        using var timer = new PeriodicTimer(beat);
        var (last, since) = (done(), Stopwatch.StartNew());
        while (!await holds())
        {
            if (done() is var now && now != last)
            {
                (last, since) = (now, Stopwatch.StartNew());
            }

            Assert.True(since.Elapsed < ProxyProcess.Patience, otherwise);
            await timer.WaitForNextTickAsync();
        }
    }
}
