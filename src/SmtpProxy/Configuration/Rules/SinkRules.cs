using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sink;

namespace SmtpProxy.Configuration.Rules;

/// <summary>What may lead to the embedded sink, which accepts mail and discards it: a whole cluster or nothing of it, and clients on other
/// machines only where somebody says so.</summary>
internal static class SinkRules
{
    /// <summary>The setting that lets clients on other machines have their mail discarded.</summary>
    public const string AcceptPublic = $"{SinkOptions.Section}:{nameof(SinkOptions.AcceptPublic)}";
    private const string Enabled = $"{SinkOptions.Section}:{nameof(SinkOptions.Enabled)}";

    /// <summary>What is wrong.</summary>
    /// <param name="settings">The sink and the listeners.</param>
    /// <param name="clusters">The section of the clusters.</param>
    public static IEnumerable<Problem> Check(Settings settings, IConfigurationSection clusters)
    {
        if (!settings.Sink.Enabled)
        {
            yield break;
        }

        var reach = SinkReach.Of(settings.Sink);
        foreach (var cluster in clusters.GetChildren())
        {
            var (sinks, relays) = Split(cluster, reach);
            if (sinks.Count > 0 && relays.Count > 0)
            {
                yield return Problem.At($"{sinks[0].Path}:Address",
                    $"{sinks[0]["Address"]} is the embedded sink, which would discard its share of the mail for " +
                        $"{string.Join(", ", relays.Select(static r => $"{r.Path}:Address"))}; "
                    + $"remove {sinks[0].Path}, or the other relays, or set {Enabled}=false where it is no sink that listens there");
            }
        }

        foreach (var (name, listener) in settings.Listeners)
        {
            if (!settings.Sink.AcceptPublic && ListenerReach.IsPublic(listener)
                && Split(clusters.GetSection(listener.Cluster), reach).Sinks.Count > 0)
            {
                yield return Problem.At($"{Settings.Section}:Listeners:{name}:Address",
                    $"clients on other machines can reach {listener.Address}, and cluster {listener.Cluster} leads to the embedded sink," +
                        $" which accepts mail and discards it; "
                    + $"name the relay, by --relay smtp://HOST or {Roots.Clusters}:{listener.Cluster}:Destinations:NAME:Address=smtp://" +
                        $"HOST, or set {AcceptPublic}=true if their mail is to be discarded");
            }
        }
    }

    /// <summary>What is wrong where a listener's cluster does not exist because there is none at all.</summary>
    public static Problem NoRelay(string cluster) => Problem.At($"{Roots.Clusters}:{cluster}:Destinations",
        $"no relay is configured; write --relay smtp://HOST or {Roots.Clusters}:{cluster}:Destinations:NAME:Address=smtp://HOST. "
        + $"The embedded sink stands in for relays only from the start on, and not with {Enabled}=false");

    /// <summary>Clusters of listeners from which mail goes to the sink, and is discarded.</summary>
    public static IEnumerable<string> Discarding(Settings settings, IConfigurationSection clusters)
    {
        var reach = SinkReach.Of(settings.Sink);
        return settings.Sink.Enabled
            ? settings.Listeners.Values.Select(static l => l.Cluster).Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(c => Split(clusters.GetSection(c), reach).Sinks.Count > 0)
            : [];
    }

    /// <summary>How it is told that a cluster's mail is discarded. In capitals: who does not know it loses mail.</summary>
    public static string Announcement(string cluster) => $"MAIL IS DISCARDED: cluster {cluster} leads to the embedded sink";

    private static (List<IConfigurationSection> Sinks, List<IConfigurationSection> Relays) Split(IConfigurationSection cluster,
        SinkReach reach)
    {
        var all = cluster.GetSection("Destinations").GetChildren().ToLookup(d => reach.IsAt(d["Address"]));
        return ([.. all[true]], [.. all[false]]);
    }
}
