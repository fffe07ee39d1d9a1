namespace SmtpProxy.Endurance.Soaking;

/// <summary>The levels that a soak must come to: how much a session may leave behind, by whatever line fits the second half.</summary>
internal sealed class Levels
{
    private readonly Trend _heap = new("heap in use", most: 512);

    /// <summary>The coarser measure: what the runtime and malloc keep for later comes and goes in steps.</summary>
    private readonly Trend _resident = new("resident", most: 2048);
    private long _reachable;
    private long _committed;
    private int _series;

    /// <summary>Whether all stand still.</summary>
    public bool Stand => _heap.IsLevel && _resident.IsLevel;

    /// <summary>Measures, between sessions.</summary>
    public async Task LookAsync(ProxyUnderLoad proxy)
    {
        var sessions = (await proxy.ReadAsync().ConfigureAwait(false)).Sum("smtpproxy_sessions_total");
        // As the process left it, before it is told to collect.
        _resident.Add(sessions, proxy.Footprint().Octets);
        _reachable = await Memory.ReachableAsync(proxy).ConfigureAwait(false);
        _heap.Add(sessions, _reachable);
        var figures = await proxy.ReadAsync().ConfigureAwait(false);
        (_committed, _series) = ((long)figures.Sum("dotnet_gc_last_collection_memory_committed_size_bytes"), figures.Series);
    }

    public override string ToString() =>
        $"{_reachable >> 10} of {_committed >> 10} KiB of the heap in use, {_series} series; {_heap}, {_resident}";
}
