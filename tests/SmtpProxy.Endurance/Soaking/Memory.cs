using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace SmtpProxy.Endurance.Soaking;

/// <summary>What of a process's memory is in use, rather than what it has taken from the system: its managed heap after
/// collections.</summary>
internal static class Memory
{
    /// <summary>Tells the runtime to collect everything when a listener asks for these events.</summary>
    private const long Collect = 0x800000;

    /// <summary>Octets of the managed heap that are reachable.</summary>
    public static async Task<long> ReachableAsync(ProxyUnderLoad proxy)
    {
        // What has a finalizer outlives the first, and what only that holds the second.
        for (var times = 0; times < 3; times++)
        {
            await CollectAsync(proxy).ConfigureAwait(false);
        }

        var figures = await proxy.ReadAsync().ConfigureAwait(false);
        return (long)(figures.Sum("dotnet_gc_last_collection_heap_size_bytes")
            - figures.Sum("dotnet_gc_last_collection_heap_fragmentation_size_bytes"));
    }

    private static async Task CollectAsync(ProxyUnderLoad proxy)
    {
        var before = await CollectionsAsync(proxy).ConfigureAwait(false);
        using var session = new DiagnosticsClient(proxy.Id).StartEventPipeSession(
            new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, Collect), requestRundown: false);
        var reading = session.EventStream.CopyToAsync(Stream.Null);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await CollectionsAsync(proxy).ConfigureAwait(false) == before)
        {
            await Task.Delay(100, patience.Token).ConfigureAwait(false);
        }

        await session.StopAsync(patience.Token).ConfigureAwait(false);
        await reading.ConfigureAwait(false);
    }

    private static async Task<double> CollectionsAsync(ProxyUnderLoad proxy) =>
        (await proxy.ReadAsync().ConfigureAwait(false)).Sum("dotnet_gc_collections_total", "\"gen2\"");
}
