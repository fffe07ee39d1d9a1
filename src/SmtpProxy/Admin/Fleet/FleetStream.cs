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
        var waiting = Channel.CreateBounded<FleetEvent>(MostWaiting);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stream.Over);
        var known = SessionStreams.LastOf(context.Request);
        var (from, places) = (FleetPlaces.Read(known), FleetPlaces.Read(known) ?? new FleetPlaces());
        var follower = new FleetFollower(services.GetRequiredService<PeerClient>(), () => asker.Peers(node, out _),
            services.GetRequiredService<FleetReading>(), "/api/v1/sessions/stream" + FleetReadsApi.Passed(context.Request, ("after", null)),
            from, services.GetRequiredService<TimeProvider>(), waiting.Writer.WriteAsync);
        var peers = asker.Peers(node, out var missing);
        var self = peers.FirstOrDefault(static p => p.IsSelf);
        void Added(Sighting sighting)
        {
            if (filter.Lets(sighting) && !waiting.Writer.TryWrite(Own(self!, sighting)))
            {
                waiting.Writer.TryComplete();
            }
        }

        var (after, isOther) = SessionStreams.After(self is null ? "" : places.Of(self.Id) ?? "", store);
        var missed = self is null ? [] : store.Follow(Added, after);
        try
        {
            if (self is not null)
            {
                places.Tell(self.Id, SessionStreams.IdOf(after));
            }

            await stream.SendAsync("hello", JsonSerializer.Serialize(
                new SentHello(peers.Select(static p => p.Node), missing), FleetReadsJson.Default.SentHello), places.Text)
                .ConfigureAwait(false);
            if (isOther || (from is null && known.Length > 0))
            {
                await stream.SendAsync("restart", "{}").ConfigureAwait(false);
            }
            else if (missed.Count > 0 && missed[0].Number > after + 1)
            {
                await TellAsync(stream, places, new FleetEvent("gap",
                    JsonSerializer.Serialize(new SentGap(self!.Node, missed[0].Number - after - 1), FleetReadsJson.Default.SentGap)))
                    .ConfigureAwait(false);
            }

            foreach (var sighting in missed.Where(filter.Lets))
            {
                await TellAsync(stream, places, Own(self!, sighting)).ConfigureAwait(false);
            }

            var following = follower.RunAsync(over.Token);
            try
            {
                await PassAsync(stream, places, waiting.Reader).ConfigureAwait(false);
            }
            finally
            {
                await over.CancelAsync().ConfigureAwait(false);
                await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            store.Leave(Added);
        }
    }

    private static FleetEvent Own(FleetPeer self, Sighting sighting) => new(
        "session", $"{{\"node\":{JsonSerializer.Serialize(self.Node, FleetReadsJson.Default.String)},\"session\":{sighting.Summary}}}",
        self.Id, SessionStreams.IdOf(sighting.Number));

    /// <summary>An event, with how far the reader has heard everybody once it has this.</summary>
    private static Task TellAsync(EventStream stream, FleetPlaces places, FleetEvent said)
    {
        if (said is { Process: { } process, Id: { } id })
        {
            places.Tell(process, id);
        }

        return stream.SendAsync(said.Name, said.Data, places.Text);
    }

    private static async Task PassAsync(EventStream stream, FleetPlaces places, ChannelReader<FleetEvent> waiting)
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
                await TellAsync(stream, places, said).ConfigureAwait(false);
            }

            come = waiting.WaitToReadAsync(stream.Over).AsTask();
        }
    }
}
