using System.Text.Json;
using System.Threading.Channels;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Live;

namespace SmtpProxy.Admin.Fleet;

/// <summary><c>/api/v1/fleet/sessions/stream</c>: each session that ends at any member. What waits for the reader is bounded; one that is
/// too slow is closed, and comes again.</summary>
internal static class FleetStream
{
    private const int MostWaiting = 256;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    /// <summary>Runs one.</summary>
    public static async Task RunAsync(HttpContext context, StreamPlaces places, string? node = null)
    {
        if (context.RequestServices.GetService<SightingStore>() is not { } store)
        {
            await SightingAnswers.Off.ExecuteAsync(context).ConfigureAwait(false);
        }
        else if (SightingQuery.TryRead(context.Request.Query, out var filter) is { } wrong)
        {
            await SightingAnswers.Wrong(wrong).ExecuteAsync(context).ConfigureAwait(false);
        }
        else if (await SessionStreams.TakesPlaceAsync(context, places).ConfigureAwait(false))
        {
            await SessionStreams.RunAsync(context, places, stream => SendAsync(context, stream, store, filter, node)).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(HttpContext context, EventStream stream, SightingStore store, SightingFilter filter, string? node)
    {
        var services = context.RequestServices;
        var asker = services.GetRequiredService<FleetAsker>();
        var waiting = Channel.CreateBounded<(string Name, string Data)>(MostWaiting);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stream.Over);
        var follower = new FleetFollower(services.GetRequiredService<PeerClient>(), () => asker.Peers(node, out _),
            services.GetRequiredService<FleetReading>().Timeout, "/api/v1/sessions/stream" + FleetReadsApi.Passed(context.Request),
            (name, data, stop) => waiting.Writer.WriteAsync((name, JsonSerializer.Serialize(data, SightingAnswers.Json)), stop));
        var self = asker.Peers(node, out _).FirstOrDefault(static p => p.IsSelf);
        void Added(Sighting sighting)
        {
            if (filter.Lets(sighting) && !waiting.Writer.TryWrite(("session",
                $"{{\"node\":{JsonSerializer.Serialize(self!.Node)},\"session\":{sighting.Summary}}}")))
            {
                waiting.Writer.TryComplete();
            }
        }

        await stream.SendAsync("hello", JsonSerializer.Serialize(new { nodes = asker.Peers(node, out _).Select(static p => p.Node) }))
            .ConfigureAwait(false);
        if (self is not null)
        {
            store.Follow(Added, store.Last);
        }

        var following = follower.RunAsync(over.Token);
        try
        {
            await PassAsync(stream, waiting.Reader).ConfigureAwait(false);
        }
        finally
        {
            store.Leave(Added);
            await over.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task PassAsync(EventStream stream, ChannelReader<(string Name, string Data)> waiting)
    {
        var come = waiting.WaitToReadAsync(stream.Over).AsTask();
        while (true)
        {
            if (await Task.WhenAny(come, Task.Delay(Quiet, stream.Over)).ConfigureAwait(false) != come)
            {
                await stream.KeepAliveAsync().ConfigureAwait(false);
                continue;
            }

            if (!await come.ConfigureAwait(false))
            {
                await stream.SendAsync("slow", "{}").ConfigureAwait(false);
                return;
            }

            while (waiting.TryRead(out var said))
            {
                await stream.SendAsync(said.Name, said.Data).ConfigureAwait(false);
            }

            come = waiting.WaitToReadAsync(stream.Over).AsTask();
        }
    }
}
