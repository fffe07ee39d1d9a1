using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>The capabilities of all relays that were seen.</summary>
internal sealed class CapabilityTable
{
    private readonly ConcurrentDictionary<(string, string), CapabilityCells> _relays = new();

    public CapabilityCells Of(string cluster, string destination) =>
        _relays.GetOrAdd((cluster, destination), static key => new CapabilityCells(key.Item1, key.Item2));

    /// <summary>What a relay offers; nothing where none was asked.</summary>
    public IReadOnlyList<RelayOffer> Offers(string cluster, string destination) =>
        _relays.TryGetValue((cluster, destination), out var cells) ? [.. cells.Offers()] : [];

    public IEnumerable<Measurement<int>> Measure() => _relays.Values.SelectMany(static r => r.Measure());
}

/// <summary>What a relay offers when it is first asked, of the keywords of <c>smtpproxy.capability.present</c>, and what it did
/// before.</summary>
/// <param name="Channel"><c>clear</c> or <c>tls</c>.</param>
/// <param name="Now">Keywords that it offered on the last connection.</param>
/// <param name="Before">Those before the last change; null: it has always offered the same.</param>
/// <param name="ChangedAt">When that changed.</param>
/// <param name="Changes">How often it has.</param>
public sealed record RelayOffer(
    string Channel, IReadOnlyList<string> Now, IReadOnlyList<string>? Before, DateTimeOffset? ChangedAt, int Changes);
