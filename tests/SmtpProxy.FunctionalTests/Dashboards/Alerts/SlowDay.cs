using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>A relay that is slow, and then a proxy that does not get to run.</summary>
internal static class SlowDay
{
    private const int Many = 12, Stop = 19, Continue = 18, Steps = 20, Stops = 15;
    private const string Overhead = "smtpproxy_overhead_duration_seconds";
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(5.2), Stopped = TimeSpan.FromMilliseconds(60),
        Running = TimeSpan.FromMicroseconds(50);

    /// <summary>Plays it.</summary>
    public static async Task PlayAsync(AlertScenes scenes)
    {
        await using var relay = new TalkingRelay(TalkingRelay.Yes)
            { Takes = static command => command is "" or "." ? TooLong : TimeSpan.Zero };
        await using var proxy = await ProxyProcess.StartAsync("--relay", relay.Address);
        scenes.Slow = await AlertScenes.BetweenAsync(proxy,
            () => Task.WhenAll(Enumerable.Range(0, Many).Select(_ => MailSender.SendAsync(proxy.Listener()))));
        relay.Takes = static _ => TimeSpan.Zero;
        scenes.Stopped = await StopAsync(proxy);
    }

    /// <summary>Stops the process again and again while sessions talk, until it was often enough between the read and the write of one of
    /// them. How long it runs meanwhile is tried: a machine that is busy wakes it later.</summary>
    private static async Task<Scene> StopAsync(ProxyProcess proxy)
    {
        using var over = new CancellationTokenSource();
        var talks = Enumerable.Range(0, Many).Select(_ => Task.Run(() => TalkAsync(proxy, over.Token))).ToArray();
        for (var round = 0; ; round++)
        {
            var before = await Scrape.OfAsync(proxy);
            for (var stops = 0; stops < Stops; stops++)
            {
                proxy.Signal(Stop);
                await Task.Delay(Stopped);
                proxy.Signal(Continue);
                for (var run = Stopwatch.StartNew(); run.Elapsed < Running * (1 + (round % Steps));)
                {
                    Thread.SpinWait(10);
                }
            }

            var scene = new Scene(before, await Scrape.OfAsync(proxy));
            if (ShareOfSlow(scene) > 0.015)
            {
                await over.CancelAsync();
                await Task.WhenAll(talks);
                return scene;
            }

            Assert.True(round < 100, "it was never between a read and a write");
        }
    }

    private static async Task TalkAsync(ProxyProcess proxy, CancellationToken over)
    {
        using var sender = await MailSender.ConnectAsync(proxy.Listener());
        while (!over.IsCancellationRequested)
        {
            await sender.SayAsync("NOOP");
        }
    }

    /// <summary>The share of buffers that were in the proxy for more than 50 ms.</summary>
    internal static double ShareOfSlow(Scene scene)
    {
        var all = scene.After.Sum(Overhead + "_count") - scene.Before.Sum(Overhead + "_count");
        return (all - scene.After.Sum(Overhead + "_bucket", "le=\"0.05\"")
            + scene.Before.Sum(Overhead + "_bucket", "le=\"0.05\"")) / Math.Max(1, all);
    }
}
