using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>Waits for what another program will say in its own time, where it offers no event to wait for.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks again and again until it holds, and fails when patience is over.</summary>
    public static async Task Async(Func<Task<bool>> holds, string otherwise)
    {
        using var timer = new PeriodicTimer(Beat);
        for (var started = Stopwatch.StartNew(); !await holds(); await timer.WaitForNextTickAsync())
        {
            Assert.True(started.Elapsed < ProxyProcess.Patience, otherwise);
        }
    }
}
