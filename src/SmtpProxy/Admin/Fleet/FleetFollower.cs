using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Follows the sessions of the other members for one reader: who is lost and who is found is said once each, by the process, and
/// nothing is said twice of a member that is reached again.</summary>
/// <param name="client">The others.</param>
/// <param name="peers">Those that are wanted, at this moment.</param>
/// <param name="reading">How long a member may take to begin.</param>
/// <param name="path">Path and query of the stream.</param>
/// <param name="from">How far the reader has heard them before.</param>
/// <param name="time">The time.</param>
/// <param name="say">Takes an event; waits for the reader.</param>
internal sealed class FleetFollower(PeerClient client, Func<IReadOnlyList<FleetPeer>> peers, FleetReading reading, string path,
    FleetPlaces? from, TimeProvider time, Func<FleetEvent, CancellationToken, ValueTask> say)
{
    private const int MostLost = 2 * FleetAsker.MostMembers;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>One that was killed is heard of for five seconds more. What is still there after that is alive, and cannot be
    /// reached.</summary>
    private static readonly TimeSpan Killed = TimeSpan.FromSeconds(7);

    /// <summary>Processes that were said to be lost, and their names.</summary>
    private readonly ConcurrentDictionary<string, string> _lost = new(StringComparer.Ordinal);

    /// <summary>Processes that are followed, and their names.</summary>
    private readonly ConcurrentDictionary<string, string> _found = new(StringComparer.Ordinal);

    /// <summary>Since when a process is to be followed that never was.</summary>
    private readonly ConcurrentDictionary<string, long> _wanted = new(StringComparer.Ordinal);

    /// <summary>Processes that were followed once.</summary>
    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);

    /// <summary>The last event of each process; one that was not heard of for a while goes on from there.</summary>
    private readonly ConcurrentDictionary<string, string> _last = new(StringComparer.Ordinal);

    /// <summary>Follows until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var following = new Dictionary<string, (FleetPeer Peer, CancellationTokenSource Stop, Task Task)>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                var there = peers().Where(static p => !p.IsSelf).ToDictionary(static p => p.Id, StringComparer.Ordinal);
                foreach (var (id, gone) in following.Where(f => !there.ContainsKey(f.Key)).ToList())
                {
                    following.Remove(id);
                    await EndAsync(gone.Stop, gone.Task).ConfigureAwait(false);
                    await GoneAsync(gone.Peer, there.Values, stop).ConfigureAwait(false);
                }

                foreach (var peer in there.Values.Where(p => !following.ContainsKey(p.Id)))
                {
#pragma warning disable CA2000 // It goes when the member does.
                    var own = CancellationTokenSource.CreateLinkedTokenSource(stop);
#pragma warning restore CA2000
                    following[peer.Id] = (peer, own, FollowAsync(peer, own.Token));
                }

                await Task.Delay(Pause, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var (_, own, task) in following.Values)
            {
                await EndAsync(own, task).ConfigureAwait(false);
            }
        }
    }

    private static async Task EndAsync(CancellationTokenSource own, Task task)
    {
        await own.CancelAsync().ConfigureAwait(false);
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        own.Dispose();
    }

    private async Task FollowAsync(FleetPeer peer, CancellationToken stop)
    {
        if (peer.Admin is null)
        {
            await LostAsync(peer, "not_published", "It says no address: set its SmtpProxy:Fleet:AdminUrl.", stop).ConfigureAwait(false);
            return;
        }

        while (true)
        {
            try
            {
                await ReadAsync(peer, stop).ConfigureAwait(false);
                await MissAsync(peer, "unreachable", "Its stream has ended.", stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                await MissAsync(peer, "timeout", "It does not answer.", stop).ConfigureAwait(false);
            }
            catch (HttpRequestException e)
            {
                await MissAsync(peer, "unreachable", PeerClient.Why(e), stop).ConfigureAwait(false);
            }
            catch (IOException)
            {
                await MissAsync(peer, "unreachable", "Its stream broke off.", stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException
                || (e is InvalidOperationException and not ChannelClosedException))
            {
                await MissAsync(peer, "unreadable", "What it sends is no session.", stop).ConfigureAwait(false);
            }

            await Task.Delay(Pause, stop).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(FleetPeer peer, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(reading.Timeout);
        using var response = await client.OpenAsync(peer, path, _last.GetValueOrDefault(peer.Id) ?? from?.Of(peer.Id), patience.Token)
            .ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            await MissAsync(peer, "refused", $"It answered {(int)response.StatusCode}.", stop).ConfigureAwait(false);
            return;
        }

        var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await foreach (var (name, id, data) in PeerEvents.ReadAsync(stream, stop).ConfigureAwait(false))
            {
                await PassAsync(peer, name, data, id is not null && FleetPlaces.IsPlace(id) ? id : null, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task PassAsync(FleetPeer peer, string name, string data, string? id, CancellationToken stop)
    {
        switch (name)
        {
            case "hello":
                Found(peer);
                await SayAsync(peer, "found", JsonSerializer.Serialize(new SentFound(peer.Node, peer.Id),
                    FleetReadsJson.Default.SentFound), id, stop).ConfigureAwait(false);
                break;
            case "session":
                var session = PeerClient.Parse(System.Text.Encoding.UTF8.GetBytes(data));
                if (SessionMerge.Head(session) is not { IsLive: false })
                {
                    throw new JsonException();
                }

                await SayAsync(peer, "session", JsonSerializer.Serialize(new SentSession(peer.Node, session),
                    FleetReadsJson.Default.SentSession), id, stop).ConfigureAwait(false);
                break;
            case "gap":
                var missed = JsonElement.Parse(data).GetProperty("missed").GetInt64();
                await SayAsync(peer, "gap", JsonSerializer.Serialize(new SentGap(peer.Node, missed),
                    FleetReadsJson.Default.SentGap), id, stop).ConfigureAwait(false);
                break;
        }

        if (id is not null)
        {
            _last[peer.Id] = id;
        }
    }

    private ValueTask SayAsync(FleetPeer peer, string name, string data, string? id, CancellationToken stop) =>
        say(new FleetEvent(name, data, peer.Id, id), stop);

    private void Found(FleetPeer peer)
    {
        (_found[peer.Id], _known[peer.Id]) = (peer.Node, 0);
        _lost.TryRemove(peer.Id, out _);
    }

    /// <summary>A process has gone. Where the next of its name is there it was restarted, and nobody is lost.</summary>
    private async Task GoneAsync(FleetPeer peer, IEnumerable<FleetPeer> there, CancellationToken stop)
    {
        _wanted.TryRemove(peer.Id, out _);
        _known.TryRemove(peer.Id, out _);
        if (there.Any(p => p.Node == peer.Node))
        {
            _found.TryRemove(peer.Id, out _);
            _lost.TryRemove(peer.Id, out _);
        }
        else
        {
            await LostAsync(peer, "gone", "It has gone, or is not heard of.", stop).ConfigureAwait(false);
        }
    }

    /// <summary>A process is not to be had. One that never was may have been killed before, with another one of its name in its
    /// place.</summary>
    private async Task MissAsync(FleetPeer peer, string reason, string detail, CancellationToken stop)
    {
        _found.TryRemove(peer.Id, out _);
        var since = _wanted.GetOrAdd(peer.Id, time.GetTimestamp());
        if (_known.ContainsKey(peer.Id) || !_found.Values.Contains(peer.Node) || time.GetElapsedTime(since) > Killed)
        {
            await LostAsync(peer, reason, detail, stop).ConfigureAwait(false);
        }
    }

    private async Task LostAsync(FleetPeer peer, string reason, string detail, CancellationToken stop)
    {
        _found.TryRemove(peer.Id, out _);
        if (_lost.Count > MostLost)
        {
            // Of processes that are gone.
            _lost.Clear();
        }

        if (_lost.TryAdd(peer.Id, peer.Node))
        {
            await SayAsync(peer, "lost", JsonSerializer.Serialize(new Unanswered(peer.Node, peer.Id, reason, detail),
                FleetReadsJson.Default.Unanswered), null, stop).ConfigureAwait(false);
        }
    }
}
