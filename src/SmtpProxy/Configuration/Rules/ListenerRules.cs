using System.Net;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sink;

namespace SmtpProxy.Configuration.Rules;

/// <summary>What listeners must be: bindable, apart from each other, and with a cluster that exists.</summary>
internal static class ListenerRules
{
    private const string Section = $"{Settings.Section}:Listeners";
    private const int MaxBacklog = 65_535;

    /// <summary>What is wrong.</summary>
    /// <param name="settings">The listeners, and the sink, which listens too.</param>
    /// <param name="clusters">The names of the clusters there are.</param>
    /// <param name="server">Where the HTTP server listens.</param>
    public static IEnumerable<Problem> Check(Settings settings, IReadOnlyCollection<string> clusters,
        IEnumerable<(string Key, IPEndPoint Address)> server)
    {
        if (settings.Listeners.Count == 0)
        {
            yield return Problem.At(Section,
                $"there is no listener; set {Section}:inbound:Address, such as 127.0.0.1:2525, and {Section}:inbound:Cluster");
        }

        foreach (var (name, listener) in settings.Listeners)
        {
            var key = $"{Section}:{name}";
            if (listener.Cluster.Length == 0)
            {
                yield return Problem.At($"{key}:Cluster", $"missing; name the cluster that its sessions go to: {List(clusters)}");
            }
            else if (clusters.Count == 0)
            {
                yield return SinkRules.NoRelay(listener.Cluster);
            }
            else if (!clusters.Contains(listener.Cluster, StringComparer.OrdinalIgnoreCase))
            {
                yield return Problem.At($"{key}:Cluster",
                    $"there is no cluster '{listener.Cluster}' in ReverseProxy:Clusters; there is: {List(clusters)}");
            }

            if (listener.Backlog is < 1 or > MaxBacklog)
            {
                yield return Problem.At($"{key}:Backlog", $"{listener.Backlog} is not between 1 and {MaxBacklog}");
            }
        }

        foreach (var problem in settings.Listeners.SelectMany(static l =>
            ListenerAccess.Check($"{Section}:{l.Key}", l.Value).Concat(ListenerTlsRules.Check($"{Section}:{l.Key}:Tls", l.Value.Tls))))
        {
            yield return problem;
        }

        foreach (var problem in CheckAddresses(settings, server))
        {
            yield return problem;
        }
    }

    private static IEnumerable<Problem> CheckAddresses(Settings settings, IEnumerable<(string Key, IPEndPoint Address)> server)
    {
        var taken = new List<(string Key, EndPoint Address)>();
        foreach (var (name, listener) in settings.Listeners)
        {
            var key = $"{Section}:{name}:Address";
            if (listener.Address.Length == 0)
            {
                yield return Problem.At(key, $"missing; {ListenAddress.Forms}");
            }
            else if (!ListenAddress.TryParseAny(listener.Address, out var address, out var problem))
            {
                yield return Problem.At(key, problem!);
            }
            else if (taken.Find(other => ListenAddress.Collide(other.Address, address!)) is { Key: { } other })
            {
                yield return Problem.At(key, $"{address} is taken by {other}; give one of them another port");
            }
            else
            {
                taken.Add((key, address!));
            }
        }

        foreach (var (key, address) in SinkAddresses(settings.Sink).Concat(server))
        {
            if (taken.Find(other => ListenAddress.Collide(other.Address, address)) is { Key: { } other })
            {
                yield return Problem.At(key, $"{address} is taken by {other}; give one of them another port");
            }
            else
            {
                taken.Add((key, address));
            }
        }
    }

    private static IEnumerable<(string Key, IPEndPoint Address)> SinkAddresses(SinkOptions sink)
    {
        (string Key, string? Text)[] all = sink.Enabled
            ? [($"{SinkOptions.Section}:{nameof(sink.Address)}", sink.Address),
                ($"{SinkOptions.Section}:{nameof(sink.LmtpAddress)}", sink.LmtpAddress)]
            : [];
        foreach (var (key, text) in all)
        {
            if (SinkOptions.ParseAddress(text) is { } address)
            {
                yield return (key, address);
            }
        }
    }

    private static string List(IReadOnlyCollection<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
}
