namespace SmtpProxy.Endurance.Soaking;

/// <summary>The levels that a soak must come to: how much a session may leave behind, by whatever line fits the second half.</summary>
internal sealed class Levels
{
    private readonly Trend _heap = new("heap in use", most: 512);

    /// <summary>The coarser measure: what malloc keeps for later comes and goes in steps.</summary>
    private readonly Trend _native = new("beside the heap", most: 2048);
    private long _reachable;
    private long _committed;
    private long _resident;
    private int _series;

    /// <summary>Whether all stand still.</summary>
    public bool Stand => _heap.IsLevel && _native.IsLevel;

    /// <summary>Measures, between sessions.</summary>
    public async Task LookAsync(ProxyUnderLoad proxy)
    {
        var sessions = (await proxy.ReadAsync().ConfigureAwait(false)).Sum("smtpproxy_sessions_total");
        _reachable = await Memory.ReachableAsync(proxy).ConfigureAwait(false);
        _heap.Add(sessions, _reachable);
        // After it: what is held by finalizers is given back by then.
        _resident = NativeMemory.OctetsOf(proxy.Id);
        _native.Add(sessions, _resident);
        var figures = await proxy.ReadAsync().ConfigureAwait(false);
        (_committed, _series) = ((long)figures.Sum("dotnet_gc_last_collection_memory_committed_size_bytes"), figures.Series);
    }

    public override string ToString() =>
        $"{_reachable >> 10} of {_committed >> 10} KiB of the heap in use, {_resident >> 10} KiB beside it, {_series} series; "
        + $"{_heap}, {_native}";
}
