using SmtpProxy.Configuration.Rules;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Configuration;

/// <summary>Puts the configuration in its place.</summary>
internal static class ConfigurationRegistration
{
    /// <summary>Makes it the only configuration that the host and its services read, and has changes logged.</summary>
    public static void UseValidated(this IHostApplicationBuilder builder, ValidatedConfiguration configuration)
    {
        builder.Configuration.Sources.Clear();
        builder.Configuration.Add(configuration);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddHostedService<ReloadLog>();
        builder.Services.AddHostedService<DestinationLog>();
        // The sink is made at the start, and stays where it is.
        var sink = configuration.Current.Sink;
        var reach = SinkReach.Of(sink);
        builder.Services.AddSingleton(new DiscardingRelays(relay => sink.Enabled && reach.IsAt(relay)));
    }
}
