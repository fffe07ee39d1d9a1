namespace SmtpProxy.Configuration;

/// <summary>What can run, and should be known all the same: where mail is discarded. For <c>check</c> and the log of the start.</summary>
internal static class DestinationNotices
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Of(ValidatedConfiguration configuration)
    {
        var clusters = new ConfigurationBuilder().Add(configuration).Build().GetSection(Roots.Clusters);
        return SinkRules.Discarding(configuration.Current, clusters).Select(SinkRules.Announcement);
    }
}
