using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Cli.Output;

/// <summary>What would run, for people to read. Shows no secret.</summary>
internal static class Summary
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Of(ValidatedConfiguration configuration)
    {
        var settings = configuration.Current;
        var all = new ConfigurationBuilder().Add(configuration).Build();
        foreach (var (name, listener) in settings.Listeners)
        {
            var destinations = all.GetSection($"{Roots.Clusters}:{listener.Cluster}:Destinations").GetChildren()
                .Select(static d => $"{d.Key} {d["Address"]}");
            yield return $"listener  {name} {listener.Address} -> {listener.Cluster} ({string.Join(", ", destinations)})";
            foreach (var line in TlsSummary.Of(listener.Tls, DateTimeOffset.UtcNow))
            {
                yield return line;
            }
        }

        yield return settings.Sink switch
        {
            { Enabled: false } => "sink      off",
            { LmtpAddress: { } lmtp } sink => $"sink      smtp {sink.Address}, lmtp {lmtp}",
            var sink => $"sink      smtp {sink.Address}",
        };
        foreach (var notice in Notices(configuration))
        {
            yield return $"WARNING   {notice}";
        }

        foreach (var endpoint in all.GetSection($"{Roots.Http}:Endpoints").GetChildren())
        {
            yield return $"http      {endpoint.Key} {endpoint["Url"]}";
        }

        yield return $"journal   {(settings.Journal.IsOn ? settings.Journal.Path : "off")}";
        yield return $"addresses {settings.Privacy.Addresses}";
        yield return $"transport {settings.Transport}";
        if (LimitRules.Differences(SessionLimits.Ample, new SessionLimits()).ToArray() is { Length: > 0 } less)
        {
            yield return $"memory    {AvailableMemory.Octets >> 20} MiB; where nothing else is said: {string.Join(", ", less)}";
        }

        yield return $"limits    " +
            $"{string.Join(", ", LimitRules.Differences(new SessionLimits(), settings.Limits).DefaultIfEmpty("defaults"))}";
    }

    /// <summary>What may not be meant, a sentence each.</summary>
    public static IEnumerable<string> Notices(ValidatedConfiguration configuration) =>
        DestinationNotices.Of(configuration).Concat(CheckNotices.Of(
            configuration.Current, new ConfigurationBuilder().Add(configuration).Build().GetSection(Roots.Clusters),
            ConfigurationSetup.EnvironmentName,
        Transport.Resources.OpenFiles.Limit, InstalledUnit.Find()));
}
