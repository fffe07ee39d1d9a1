using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Live;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Sessions as server-sent events: all that end, or one while it goes on. What waits for a reader is bounded; one that is too slow
/// is closed, and comes again where it was.</summary>
internal static class SessionStreams
{
    private const int MostWaiting = 256;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Tells this process's numbers from another's.</summary>
    private static readonly string Process = RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary><c>/api/v1/sessions/stream</c>.</summary>
    public static async Task AllAsync(HttpContext context, StreamPlaces places)
    {
        if (context.RequestServices.GetService<SightingStore>() is not { } store)
        {
            await SightingAnswers.Off.ExecuteAsync(context).ConfigureAwait(false);
        }
        else if (SightingQuery.TryRead(context.Request.Query, out var filter) is { } wrong)
        {
            await SightingAnswers.Wrong(wrong).ExecuteAsync(context).ConfigureAwait(false);
        }
        else if (await TakesPlaceAsync(context, places).ConfigureAwait(false))
        {
            await RunAsync(context, places, stream => SendAllAsync(context, stream, store, filter)).ConfigureAwait(false);
        }
    }

    /// <summary><c>/api/v1/sessions/{id}/stream</c>.</summary>
    public static async Task OneAsync(HttpContext context, StreamPlaces places, string id)
    {
        if (context.RequestServices.GetService<SightingStore>() is not { } store)
        {
            await SightingAnswers.Off.ExecuteAsync(context).ConfigureAwait(false);
        }
        else if (SessionsApi.Find(context.RequestServices, store, id) is null)
        {
            await SessionsApi.NotHeld(id).ExecuteAsync(context).ConfigureAwait(false);
        }
        else if (await TakesPlaceAsync(context, places).ConfigureAwait(false))
        {
            await RunAsync(context, places,
                stream => SendOneAsync(stream, store, context.RequestServices.GetRequiredService<LiveSessions>(), id))
                    .ConfigureAwait(false);
        }
    }

    /// <summary>Runs a stream that has a place, and gives the place back.</summary>
    public static async Task RunAsync(HttpContext context, StreamPlaces places, Func<EventStream, Task> write)
    {
        try
        {
            await EventStream.RunAsync(context, write).ConfigureAwait(false);
        }
        finally
        {
            places.Leave();
        }
    }

    /// <summary>Takes a place for a stream, or says that there is none.</summary>
    public static async Task<bool> TakesPlaceAsync(HttpContext context, StreamPlaces places)
    {
        if (places.TryTake())
        {
            return true;
        }

        context.Response.Headers.RetryAfter = "10";
        await HttpRefusals.AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many streams",
            $"{places.Most} streams are open (SmtpProxy:Live:MaxStreams). Close one, or ask /api/v1/sessions from time to time.")
                .ConfigureAwait(false);
        return false;
    }

    private static async Task SendAllAsync(HttpContext context, EventStream stream, SightingStore store, SightingFilter filter)
    {
        var waiting = Channel.CreateBounded<Sighting>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        void Added(Sighting sighting)
        {
            if (filter.Lets(sighting) && !waiting.Writer.TryWrite(sighting))
            {
                waiting.Writer.TryComplete();
            }
        }

        var (after, isOther) = After(LastOf(context.Request), store);
        var missed = store.Follow(Added, after);
        try
        {
            await stream.SendAsync("hello",
                JsonSerializer.Serialize(new StreamHello(IdOf(store.Last), StoreView.Of(context.RequestServices)),
                    SightingApiJson.Default.StreamHello), IdOf(after)).ConfigureAwait(false);
            if (isOther)
            {
                await stream.SendAsync("restart", "{}").ConfigureAwait(false);
            }
            else if (missed.Count > 0 && missed[0].Number > after + 1)
            {
                await stream.SendAsync("gap", JsonSerializer.Serialize(new StreamGap(missed[0].Number - after - 1),
                    SightingApiJson.Default.StreamGap)).ConfigureAwait(false);
            }

            foreach (var sighting in missed.Where(filter.Lets))
            {
                await stream.SendAsync("session", sighting.Summary, IdOf(sighting.Number)).ConfigureAwait(false);
            }

            await SendNewAsync(context, stream, waiting.Reader).ConfigureAwait(false);
        }
        finally
        {
            store.Leave(Added);
        }
    }

    private static async Task SendNewAsync(HttpContext context, EventStream stream, ChannelReader<Sighting> waiting)
    {
        var now = context.Request.Query["now"] == "true" ? context.RequestServices.GetRequiredService<NowView>() : null;
        using var ticks = new PeriodicTimer(Second);
        var (come, tick) = (waiting.WaitToReadAsync(stream.Over).AsTask(), ticks.WaitForNextTickAsync(stream.Over).AsTask());
        for (var seconds = 0; ;)
        {
            if (await Task.WhenAny(come, tick).ConfigureAwait(false) == come)
            {
                if (!await come.ConfigureAwait(false))
                {
                    await stream.SendAsync("slow", "{}").ConfigureAwait(false);
                    return;
                }

                while (waiting.TryRead(out var sighting))
                {
                    await stream.SendAsync("session", sighting.Summary, IdOf(sighting.Number)).ConfigureAwait(false);
                }

                come = waiting.WaitToReadAsync(stream.Over).AsTask();
            }
            else
            {
                await tick.ConfigureAwait(false);
                if (now is not null)
                {
                    await stream.SendAsync("now", now.Text()).ConfigureAwait(false);
                }
                else if (++seconds % 15 == 0)
                {
                    await stream.KeepAliveAsync().ConfigureAwait(false);
                }

                tick = ticks.WaitForNextTickAsync(stream.Over).AsTask();
            }
        }
    }

    private static async Task SendOneAsync(EventStream stream, SightingStore store, LiveSessions open, string id)
    {
        uint? sent = null;
        for (var looks = 0; ; looks++)
        {
            var changes = open.ChangesOf(id);
            if (changes is null && store.Find(id) is { } over && !over.IsPart)
            {
                await stream.SendAsync("end", Encoding.UTF8.GetString(over.Detail.Span)).ConfigureAwait(false);
                return;
            }

            if (changes is not null && changes != sent && open.Find(id) is { } sighting)
            {
                await stream.SendAsync("session", Encoding.UTF8.GetString(sighting.Detail.Span)).ConfigureAwait(false);
                (sent, looks) = (changes, 0);
            }
            else if (changes is null && looks > 20)
            {
                // It is over, and was not kept: there were too many.
                await stream.SendAsync("end", "null").ConfigureAwait(false);
                return;
            }
            else if (looks % 60 == 59)
            {
                await stream.KeepAliveAsync().ConfigureAwait(false);
            }

            await Task.Delay(Look, stream.Over).ConfigureAwait(false);
        }
    }

    /// <summary>The id of the event that a reader has seen last; empty: it says none.</summary>
    public static string LastOf(HttpRequest request) =>
        request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : request.Query["after"].ToString();

    /// <summary>The number that a reader has seen last, and whether it saw it of another process.</summary>
    public static (long After, bool IsOther) After(string id, SightingStore store) =>
        id.Split('-') is not [var process, var number]
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? (store.Last, id.Length > 0)
            : process == Process ? (Math.Min(after, store.Last), false)
            : (store.Last, true);

    /// <summary>The id of the event of a session.</summary>
    public static string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{Process}-{number}");
}
