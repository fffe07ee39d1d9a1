using System.Collections.Concurrent;
using System.Net;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Demo;

/// <summary>The clients: begins one session after another, as many a second as asked for, in waves.</summary>
/// <param name="options">How many, for how long.</param>
/// <param name="listeners">Where each listener of the proxy is.</param>
/// <param name="sightings">Where sessions tell what they saw.</param>
internal sealed class Traffic(DemoOptions options, IReadOnlyDictionary<string, IPEndPoint> listeners, Sightings sightings)
{
    /// <summary>Files of a session when client, proxy and relays are one process: the client's, the proxy's two, the relay's, and
    /// a relay's that was left.</summary>
    private const int FilesOfOne = 5;

    /// <summary>Files for sessions where the process has <see cref="FilesToStart.Fewest"/>.</summary>
    private const int LeastFiles = 128;

    /// <summary>Seconds from one high tide to the next.</summary>
    private const double Wave = 120;

    /// <summary>What sessions may take to end by themselves.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, Task> _open = new();

    /// <summary>Sessions at once; beyond it the next waits. As many as there are files for.</summary>
    public static int MaxOpen { get; } = OpenFiles.Limit is { } limit
        ? Math.Min(400, (limit - FilesToStart.Fewest + LeastFiles) / FilesOfOne) : 400;

    /// <summary>Goes on until told otherwise, or until the time that was asked for is over; then lets open sessions end.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var cut = new CancellationTokenSource();
        using var room = new SemaphoreSlim(MaxOpen);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (options.Duration is { } duration)
        {
            ending.CancelAfter(duration);
        }

        try
        {
            await BeginAsync(room, ending.Token, cut.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // No more.
        }

        cut.CancelAfter(Grace);
        await Task.WhenAll(_open.Values).ConfigureAwait(false);
    }

    private async Task BeginAsync(SemaphoreSlim room, CancellationToken ending, CancellationToken cut)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var due = TimeSpan.Zero;
        for (var number = 0L; ; number++)
        {
            var chance = new Chance(options.Seed, number);
            due += Gap(chance, due);
            if (due - clock.Elapsed is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, ending).ConfigureAwait(false);
            }

            await room.WaitAsync(ending).ConfigureAwait(false);
            var kind = Kinds.Of(number, chance);
            var visit = new Visit(number, listeners[kind.Listener], chance, sightings, cut);
            sightings.Begin();
            _open[number] = Task.Run(() => VisitAsync(kind, visit, room), CancellationToken.None);
        }
    }

    /// <summary>Arrivals as people's are (Poisson's), half as many again at high tide as on average.</summary>
    private TimeSpan Gap(Chance chance, TimeSpan at)
    {
        var rate = options.Rate * (1 + (0.5 * Math.Sin(2 * Math.PI * at.TotalSeconds / Wave)));
        return TimeSpan.FromSeconds(-Math.Log(1 - chance.Share()) / rate);
    }

    private async Task VisitAsync(Kind kind, Visit visit, SemaphoreSlim room)
    {
        try
        {
            await kind.RunAsync(visit).ConfigureAwait(false);
        }
        catch (Exception e) when (sightings.Explains(e))
        {
            // Part of the play: the relay or the proxy ended it.
        }
        finally
        {
            sightings.End();
            room.Release();
            _open.TryRemove(visit.Number, out _);
        }
    }
}
