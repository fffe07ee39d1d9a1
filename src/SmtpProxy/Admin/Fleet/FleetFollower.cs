using System.Collections.Concurrent;
using System.Text.Json;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Follows the sessions of the other members for one reader: who is lost and who is found is said once each, and nothing is said
/// twice of a member that is reached again.</summary>
/// <param name="client">The others.</param>
/// <param name="peers">Those that are wanted, at this moment.</param>
/// <param name="timeout">How long a member may take to begin.</param>
/// <param name="path">Path and query of the stream.</param>
/// <param name="say">Takes an event's name and data; waits for the reader.</param>
internal sealed class FleetFollower(PeerClient client, Func<IReadOnlyList<FleetPeer>> peers, TimeSpan timeout, string path,
    Func<string, object, CancellationToken, ValueTask> say)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Names that were said to be lost.</summary>
    private readonly ConcurrentDictionary<string, byte> _lost = new(StringComparer.Ordinal);

    /// <summary>Processes that are followed, and their names: one that was killed is heard of for a while after the next one of its name
    /// has come.</summary>
    private readonly ConcurrentDictionary<string, string> _found = new(StringComparer.Ordinal);

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
                    _found.TryRemove(id, out _);
                    if (!there.Values.Any(p => p.Node == gone.Peer.Node))
                    {
                        await LostAsync(gone.Peer, "gone", "It has gone, or is not heard of.", stop).ConfigureAwait(false);
                    }
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

        for (string? last = null; ;)
        {
            try
            {
                last = await ReadAsync(peer, last, stop).ConfigureAwait(false);
                await LostAsync(peer, "unreachable", "Its stream has ended.", stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                await LostAsync(peer, "timeout", "It does not answer.", stop).ConfigureAwait(false);
            }
            catch (BrokenStreamException e)
            {
                last = e.Last;
                await LostAsync(peer, e.Reason, e.Message, stop).ConfigureAwait(false);
            }

            await Task.Delay(Pause, stop).ConfigureAwait(false);
        }
    }

    private async Task<string?> ReadAsync(FleetPeer peer, string? last, CancellationToken stop)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(timeout);
            using var response = await client.OpenAsync(peer, path, last, patience.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                throw new BrokenStreamException("refused", $"It answered {(int)response.StatusCode}.", last, null);
            }

            var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await foreach (var (name, id, data) in PeerEvents.ReadAsync(stream, stop).ConfigureAwait(false))
                {
                    last = id ?? last;
                    await PassAsync(peer, name, data, stop).ConfigureAwait(false);
                }
            }

            return last;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new BrokenStreamException("unreachable", "It cannot be reached.", last, e);
        }
        catch (JsonException e)
        {
            throw new BrokenStreamException("unreadable", "What it sends is no session.", last, e);
        }
    }

    private async Task PassAsync(FleetPeer peer, string name, string data, CancellationToken stop)
    {
        switch (name)
        {
            case "hello":
                _found[peer.Id] = peer.Node;
                _lost.TryRemove(peer.Node, out _);
                await say("found", new { node = peer.Node }, stop).ConfigureAwait(false);
                break;
            case "session":
                var session = JsonElement.Parse(data);
                if (SessionMerge.Head(session) is not { IsLive: false })
                {
                    throw new JsonException();
                }

                await say("session", new { node = peer.Node, session }, stop).ConfigureAwait(false);
                break;
            case "gap":
                var missed = JsonElement.Parse(data);
                await say("gap", new { node = peer.Node, missed = missed.GetProperty("missed").GetInt64() }, stop).ConfigureAwait(false);
                break;
        }
    }

    private async Task LostAsync(FleetPeer peer, string reason, string detail, CancellationToken stop)
    {
        _found.TryRemove(peer.Id, out _);
        if (!_found.Values.Contains(peer.Node) && _lost.TryAdd(peer.Node, 0))
        {
            await say("lost", new Unanswered(peer.Node, peer.Id, reason, detail), stop).ConfigureAwait(false);
        }
    }

    /// <summary>A stream that was not to be had, or broke off.</summary>
    private sealed class BrokenStreamException(string reason, string message, string? last, Exception? inner) : Exception(message, inner)
    {
        public string Reason => reason;

        /// <summary>The id of the last event.</summary>
        public string? Last => last;
    }
}
