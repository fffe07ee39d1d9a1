using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>Puts together what is kept of sessions to be looked at.</summary>
public static class LiveRegistration
{
    /// <summary>Adds it. Telemetry finds the keeper where sessions are kept at all.</summary>
    public static IServiceCollection AddLive(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = configuration.GetSection(LiveOptions.Section).Get<LiveOptions>() ?? new LiveOptions();
        services.AddSingleton(options);
        services.AddSingleton(static s =>
            new TotalsWatch(s.GetRequiredService<Instruments>(), s.GetRequiredService<OpenSessions>(), TimeProvider.System));
        services.AddHostedService(static s => s.GetRequiredService<TotalsWatch>());
        if (!options.Enabled)
        {
            return services;
        }

        services.AddSingleton<SightingKeeper>();
        services.AddSingleton<IRecordKeeper>(static s => s.GetRequiredService<SightingKeeper>());
        services.AddSingleton<SightingStore>();
        services.AddSingleton<ClientTable>();
        services.TryAddSingleton<ReverseLookup>(static async (address, cancel) =>
            (await Dns.GetHostEntryAsync(address.ToString(), cancel).ConfigureAwait(false)).HostName);
        services.AddSingleton(static s =>
            new ClientNames(s.GetRequiredService<LiveOptions>(), s.GetRequiredService<ReverseLookup>(), TimeProvider.System));
        services.AddHostedService(static s => s.GetRequiredService<ClientNames>());
        services.AddSingleton<SightingWriter>();
        services.AddHostedService(static s => s.GetRequiredService<SightingWriter>());
        services.AddSingleton(static s => new LiveSessions(
            s.GetRequiredService<OpenSessions>(), ((ProxyTelemetry)s.GetRequiredService<ITelemetry>()).Records,
            TimeSpan.FromMilliseconds(200)));
        return services;
    }
}
