using System.Collections.Concurrent;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Asks all members of the fleet the same, this proxy included, and waits for none longer than
/// <see cref="FleetReading.Timeout"/>. Thread-safe.</summary>
/// <param name="view">Who there is.</param>
/// <param name="own">This proxy.</param>
/// <param name="client">The others.</param>
/// <param name="reading">How long they may take.</param>
/// <param name="time">The time.</param>
internal sealed class FleetAsker(IFleetView view, AnswerOfSelf own, PeerClient client, FleetReading reading, TimeProvider time)
    : IDisposable
{
    /// <summary>Members that are asked.</summary>
    public const int MostMembers = 32;

    private const int AtOnce = 16;

    /// <summary>Who did not answer in time is not asked again for so long: not every request then waits for it.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly ConcurrentDictionary<string, (long At, PeerAnswer Last)> _silent = new(StringComparer.Ordinal);

    /// <summary>Who there is, of these names.</summary>
    /// <param name="nodes">Names with commas; null: all.</param>
    /// <param name="missing">Names that nobody has.</param>
    public IReadOnlyList<FleetPeer> Peers(string? nodes, out IReadOnlyList<Unanswered> missing)
    {
        var names = nodes?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        // This proxy first: it has to be asked of nobody.
        List<FleetPeer> peers = [.. view.Peers.Where(p => names.Length == 0 || names.Contains(p.Node, StringComparer.Ordinal))
            .OrderByDescending(static p => p.IsSelf)];
        missing =
        [
            .. names.Distinct().Where(name => peers.TrueForAll(p => p.Node != name)).Take(MostMembers).Select(static name =>
                new Unanswered(Requests.HttpRefusals.Short(name), null, "gone", "No proxy of this name is in the fleet.")),
            .. peers.Skip(MostMembers).Select(static p =>
                PeerAnswer.None(p, "busy", $"Of more than {MostMembers} proxies the first are asked; name others.").Lost!),
        ];
        return [.. peers.Take(MostMembers).OrderBy(static p => p.Node, StringComparer.Ordinal)];
    }

    /// <summary>Asks these for the same thing.</summary>
    public Task<PeerAnswer[]> AskAsync(IEnumerable<FleetPeer> peers, string route, string query, CancellationToken stop,
        string? id = null) =>
        AskAsync(peers, route, _ => query, stop, id);

    /// <summary>Asks each of these for what is its own.</summary>
    /// <param name="peers">They.</param>
    /// <param name="route">The path as it is mapped.</param>
    /// <param name="query">The query for each, with its question mark; empty: none.</param>
    /// <param name="stop">Nobody waits any more.</param>
    /// <param name="id">The value of <c>{id}</c> in the path.</param>
    public async Task<PeerAnswer[]> AskAsync(IEnumerable<FleetPeer> peers, string route, Func<FleetPeer, string> query,
        CancellationToken stop, string? id = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(reading.Timeout);
        var budget = new AnswerBudget();
        var path = id is null ? route : route.Replace("{id}", Uri.EscapeDataString(id), StringComparison.Ordinal);
        return await Task.WhenAll(peers.Select(peer => peer.IsSelf
            ? own.GetAsync(peer, route, id, query(peer), stop)
            : AskOneAsync(peer, path + query(peer), budget, patience.Token, stop))).ConfigureAwait(false);
    }

    public void Dispose() => _turns.Dispose();

    private async Task<PeerAnswer> AskOneAsync(FleetPeer peer, string path, AnswerBudget budget, CancellationToken patience,
        CancellationToken stop)
    {
        if (peer.Admin is null)
        {
            return PeerAnswer.None(peer, "not_published", "It says no address: set its SmtpProxy:Fleet:AdminUrl.");
        }

        if (_silent.TryGetValue(peer.Id, out var silent) && time.GetElapsedTime(silent.At) < Rest)
        {
            return silent.Last;
        }

        try
        {
            await _turns.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return PeerAnswer.None(peer, "busy", "Too much was asked at once.");
        }

        try
        {
            var answer = await client.GetAsync(peer, path, budget, patience).ConfigureAwait(false);
            _silent.TryRemove(peer.Id, out _);
            return answer;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Silent(peer);
        }
        finally
        {
            _turns.Release();
        }
    }

    private PeerAnswer Silent(FleetPeer peer)
    {
        if (_silent.Count > 2 * MostMembers)
        {
            // Of processes that are gone.
            _silent.Clear();
        }

        var unit = reading.Timeout == TimeSpan.FromSeconds(1) ? "second" : "seconds";
        var detail = FormattableString.Invariant($"It did not answer within {reading.Timeout.TotalSeconds:0.###} {unit}.");
        var none = PeerAnswer.None(peer, "timeout", detail);
        _silent[peer.Id] = (time.GetTimestamp(), none);
        return none;
    }
}
