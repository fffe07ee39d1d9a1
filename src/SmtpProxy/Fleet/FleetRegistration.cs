using System.Diagnostics.Metrics;
using SmtpProxy.Admin;
using SmtpProxy.Admin.Fleet;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Shared;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Fleet;

/// <summary>Makes the process a member of its fleet, where it has one.</summary>
internal static class FleetRegistration
{
    /// <summary>Adds it; nothing where no Redis is configured.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="options">The section <c>SmtpProxy:Fleet</c>; it was found good.</param>
    /// <param name="limits">The limits at this moment.</param>
    /// <param name="configuration">What of the configuration the members should have in common, as one text.</param>
    public static IServiceCollection AddFleet(this IServiceCollection services, FleetOptions options, Func<SessionLimits> limits,
        Func<string> configuration)
    {
        if (!options.IsOn)
        {
            return services;
        }

        var reading = FleetReadingRules.Reading(options);
        services.AddSingleton<Members>();
        services.AddSingleton(static s => new FleetState(TimeProvider.System, s.GetRequiredService<ILogger<FleetState>>()));
        services.AddSingleton(static s => new FleetInstruments(s.GetRequiredService<Meter>(),
            () => s.GetRequiredService<FleetState>().IsJoined, () => s.GetRequiredService<Members>().Count,
            () => s.GetRequiredService<Members>().Configurations, () => s.GetRequiredService<Members>().Versions));
        services.AddSingleton(s => new RedisLink(options, s.GetRequiredService<FleetInstruments>()));
        services.AddSingleton(new FleetIdentity(options));
        services.AddSingleton(s => new FleetNode(s.GetRequiredService<FleetIdentity>(), configuration, limits,
            s.GetRequiredService<SessionHost>(), s.GetRequiredService<FaultEngine>(), TimeProvider.System));
        services.AddSingleton(static s => new FaultFleet(s.GetRequiredService<FleetIdentity>(), s.GetRequiredService<RedisLink>(),
            s.GetRequiredService<FleetState>(), s.GetRequiredService<Members>(), TimeProvider.System));
        services.AddSingleton(static s => new FleetLimits(s.GetRequiredService<FleetIdentity>(),
            s.GetRequiredService<RedisLink>(), s.GetRequiredService<FleetState>(), s.GetRequiredService<Members>()));
        services.AddSingleton<ICommonLimits>(static s => s.GetRequiredService<FleetLimits>());
        services.AddSingleton<IFaultFleet>(static s => s.GetRequiredService<FaultFleet>());
        services.AddSingleton(static s => new FleetBeat(s.GetRequiredService<FleetIdentity>(), s.GetRequiredService<FleetNode>(),
            s.GetRequiredService<RedisLink>(), s.GetRequiredService<FleetState>(), s.GetRequiredService<Members>(),
            s.GetRequiredService<FaultFleet>(), s.GetRequiredService<FleetLimits>(), s.GetRequiredService<FaultEngine>(),
            TimeProvider.System));
        services.AddSingleton<IFleetView>(s => new FleetView(s.GetRequiredService<FleetIdentity>(),
            s.GetRequiredService<FleetState>(), s.GetRequiredService<Members>(), TimeProvider.System, reading is not null));
        return (reading is null ? services : services.AddFleetReading(reading))
            .AddHostedService(static s => s.GetRequiredService<FleetBeat>());
    }
}
