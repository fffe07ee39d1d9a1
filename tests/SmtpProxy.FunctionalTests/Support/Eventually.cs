using System.Diagnostics;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Waits for what will come in its own time, where there is no event to wait for.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250), Soon = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again until it holds, and fails when patience is over.</summary>
    public static Task Async(Func<bool> holds, string otherwise) => Async(() => Task.FromResult(holds()), otherwise, Soon);

    /// <summary>Asks again and again until it holds, and fails when patience is over.</summary>
    public static Task Async(Func<Task<bool>> holds, string otherwise) => Async(holds, otherwise, Beat);

    private static async Task Async(Func<Task<bool>> holds, string otherwise, TimeSpan beat)
    {
        using var timer = new PeriodicTimer(beat);
        for (var started = Stopwatch.StartNew(); !await holds(); await timer.WaitForNextTickAsync())
        {
            Assert.True(started.Elapsed < ProxyProcess.Patience, otherwise);
        }
    }
}
