using System.Net;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sink;

namespace SmtpProxy.Configuration;

/// <summary>
/// What the program does where nobody says anything: it listens as <c>inbound</c>, leads to the embedded sink, and has its admin side on
/// loopback. The first two are in no file: files are laid over each other key by key, and an entry of the shipped one would stay beside
/// those of everybody else and take a share of their mail.
/// </summary>
internal static class ProgramDefaults
{
    /// <summary>The listener there is when none is configured.</summary>
    public const string Listener = "inbound";

    /// <summary>The cluster that it leads to.</summary>
    public const string Cluster = "relays";

    /// <summary>The name of the sink as a relay.</summary>
    public const string Destination = "sink";

    /// <summary>Where the admin side listens when no file is beside the program.</summary>
    public const string AdminUrl = "http://127.0.0.1:9025";

    private const string Endpoints = $"{Roots.Http}:Endpoints";
    private const string Listeners = $"{Settings.Section}:Listeners";
    private const string Address = "127.0.0.1:2525";
    private const string SinkEnabled = $"{SinkOptions.Section}:{nameof(SinkOptions.Enabled)}";

    /// <summary>Completes a configuration.</summary>
    /// <param name="values">All sources, laid over each other.</param>
    /// <param name="maySink">Whether the sink may stand in for relays that are missing: not where there have been some, because then a file
    /// that is gone for a moment would discard mail.</param>
    /// <returns>Whether the sink stands in.</returns>
    public static bool Complete(Dictionary<string, string?> values, bool maySink)
    {
        if (NamesIn(values, Endpoints).Count == 0)
        {
            values.TryAdd($"{Endpoints}:Admin:Url", AdminUrl);
        }

        var listeners = NamesIn(values, Listeners);
        if (listeners.Count == 0 || listeners.Contains(Listener))
        {
            values.TryAdd($"{Listeners}:{Listener}:{nameof(ListenerOptions.Address)}", Address);
            values.TryAdd($"{Listeners}:{Listener}:{nameof(ListenerOptions.Cluster)}", Cluster);
        }

        var isOff = values.TryGetValue(SinkEnabled, out var enabled) && bool.TryParse(enabled, out var on) && !on;
        var standsIn = maySink && !isOff && !values.Keys.Any(IsOfDestination);
        if (standsIn)
        {
            values[$"{Roots.Clusters}:{Cluster}:Destinations:{Destination}:Address"] = $"smtp://{Reached(SinkReach.In(values).Smtp)}";
        }

        // Where no mail goes to it, it has no business to accept any.
        values.TryAdd(SinkEnabled, SinkReach.In(values) is var sink && values.Any(v => IsAddress(v.Key) && sink.IsAt(v.Value))
            ? "true" : "false");
        return standsIn;
    }

    /// <summary>Whether a key belongs to a destination, of whatever cluster and scheme.</summary>
    private static bool IsOfDestination(string key) =>
        key.Split(':') is [_, _, _, var destinations, _, ..] && Roots.IsIn(key, Roots.Clusters)
        && destinations.Equals("Destinations", StringComparison.OrdinalIgnoreCase);

    private static bool IsAddress(string key) =>
        IsOfDestination(key) && key.Split(':') is [_, _, _, _, _, var last] && last.Equals("Address", StringComparison.OrdinalIgnoreCase);

    private static HashSet<string> NamesIn(Dictionary<string, string?> values, string section) =>
        values.Keys.Where(k => Roots.IsIn(k, section) && k.Length > section.Length).Select(k => k[(section.Length + 1)..].Split(':')[0])
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What to dial for an address that is listened on.</summary>
    private static IPEndPoint Reached(IPEndPoint bound) =>
        bound.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, bound.Port)
        : bound.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, bound.Port)
        : bound;
}
