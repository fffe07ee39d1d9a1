using System.Diagnostics.Metrics;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>Registers the engine and its watch.</summary>
internal static class FaultsRegistration
{
    /// <summary>Adds <see cref="FaultEngine"/>; needs the meter <c>SmtpProxy</c> to be registered.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="options">The section <c>SmtpProxy:Faults</c>, as it is at the moment.</param>
    public static IServiceCollection AddFaults(this IServiceCollection services, Func<FaultsOptions> options)
    {
        services.AddSingleton(static s => new FaultInstruments(s.GetRequiredService<Meter>()));
        services.AddSingleton(s => new FaultEngine(
            options, s.GetRequiredService<FaultInstruments>(), TimeProvider.System, s.GetRequiredService<ILogger<FaultEngine>>(),
            s.GetService<IFaultFleet>()));
        services.AddSingleton<IFaultEngine>(static s => s.GetRequiredService<FaultEngine>());
        return services.AddHostedService<FaultWatch>();
    }
}
