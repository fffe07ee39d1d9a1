using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Configuration;

/// <summary>What can run, and should be known all the same: where mail is discarded, where a relay may take everybody for one of its own,
/// and whose keys others can read. For <c>check</c> and the log of the start.</summary>
internal static class DestinationNotices
{
    /// <summary>The lines, as far as the configuration alone tells.</summary>
    public static IEnumerable<string> Of(ValidatedConfiguration configuration)
    {
        var clusters = Clusters(configuration);
        return SinkRules.Discarding(configuration.Current, clusters).Select(SinkRules.Announcement)
            .Concat(OpenRelayRules.Warnings(OpenRelayRules.Find(configuration.Current, clusters).Where(static r => r.IsNear)))
            .Concat(KeyFileNotices.Of(configuration));
    }

    /// <summary>Relays of which only a name server can tell whether there is something to say.</summary>
    public static IEnumerable<OpenRelayRules.Untold> Unknown(ValidatedConfiguration configuration) =>
        OpenRelayRules.Find(configuration.Current, Clusters(configuration)).Where(static r => r.Address.EndPoint is null && !r.IsNear);

    private static IConfigurationSection Clusters(ValidatedConfiguration configuration) =>
        new ConfigurationBuilder().Add(configuration).Build().GetSection(Roots.Clusters);
}
