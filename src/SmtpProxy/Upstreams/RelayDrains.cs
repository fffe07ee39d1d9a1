using System.Collections.Concurrent;

namespace SmtpProxy.Upstreams;

/// <summary>Relays that an operator took out of service while the proxy runs. Not kept over a restart: what is to last
/// belongs in the configuration.</summary>
internal sealed partial class RelayDrains(ILogger<RelayDrains> log)
{
    private readonly ConcurrentDictionary<(string Cluster, string Destination), bool> _drained = new();

    /// <summary>Whether any relay is out of service.</summary>
    public bool Any => !_drained.IsEmpty;

    /// <summary>Whether this relay is.</summary>
    /// <param name="cluster">The cluster's id.</param>
    /// <param name="destination">The configured name.</param>
    public bool Contains(string cluster, string destination) => _drained.ContainsKey((cluster, destination));

    /// <summary>New sessions go elsewhere; those that it has go on.</summary>
    public void Drain(string cluster, string destination)
    {
        if (_drained.TryAdd((cluster, destination), true))
        {
            LogDrained(destination, cluster);
        }
    }

    /// <summary>It gets sessions again.</summary>
    public void Undrain(string cluster, string destination)
    {
        if (_drained.TryRemove((cluster, destination), out _))
        {
            LogUndrained(destination, cluster);
        }
    }

    [LoggerMessage(EventId = 306, Level = LogLevel.Warning,
        Message =
            "Relay {Relay} of cluster {Cluster} was taken out of service: it gets no new sessions until it is put back, or the proxy is " +
                "started again")]
    private partial void LogDrained(string relay, string cluster);

    [LoggerMessage(EventId = 307, Level = LogLevel.Information, Message = "Relay {Relay} of cluster {Cluster} is in service again")]
    private partial void LogUndrained(string relay, string cluster);
}
