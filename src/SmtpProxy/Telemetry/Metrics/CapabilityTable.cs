using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>The capabilities of all relays that were seen.</summary>
internal sealed class CapabilityTable
{
    private readonly ConcurrentDictionary<(string, string), CapabilityCells> _relays = new();

    public CapabilityCells Of(string cluster, string destination) =>
        _relays.GetOrAdd((cluster, destination), static key => new CapabilityCells(key.Item1, key.Item2));

    public IEnumerable<Measurement<int>> Measure() => _relays.Values.SelectMany(static r => r.Measure());
}
